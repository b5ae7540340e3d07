using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Plans.Operators.DepthwiseConv2D;

namespace TransformFramework.Cpu.Plans.Operators.QuantizedDepthwiseConv2D;

/// <summary>Weights of a depthwise convolution of quantized values, [tap, channel], widened, and the start of the accumulators.</summary>
internal sealed unsafe class QuantizedDepthwiseWeights
{
    private readonly AlignedMemory weights;
    private readonly AlignedMemory bias;

    public QuantizedDepthwiseWeights(ReadOnlySpan<sbyte> filter, int[] bias)
    {
        weights = new(sizeof(int) * (long)filter.Length);
        Span<int> wide = weights.Span<int>();
        for (int i = 0; i < wide.Length; i++)
            wide[i] = filter[i];
        this.bias = AlignedMemory.Of<int>(bias);
    }

    public int* Weights => (int*)weights.Pointer;

    public int* Bias => (int*)bias.Pointer;
}

/// <summary>A depthwise convolution of quantized values, a block for each row of each output image. Windows that overhang the image at the sides are computed one by one, the others in groups.</summary>
internal sealed unsafe class QuantizedDepthwiseOperator(Int8Vectors vectors, ConvolutionShape shape, QuantizedDepthwiseWeights weights, PlanBuffer source, bool isSigned, AccumulatorWriter writer) : BlockOperator
{
    private const int MostPixels = 4;
    private const int ChannelsAtOnce = 256;
    private const int AccumulatorsAtOnce = 2048;

    private readonly InsideRange inside = InsideRange.Of(shape.Width);

    public override ImmutableArray<PlanBuffer> Reads { get; } = [.. new[] { source, writer.Residual }.OfType<PlanBuffer>()];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [writer.Target];

    public override int Blocks => shape.Batch * shape.Height.Output;

    public override void RunBlock(PlanRun run, int block)
    {
        int channels = shape.InputChannels;
        int image = block / shape.Height.Output;
        var rows = TapRange.Of(shape.Height, block % shape.Height.Output);
        nint rowStride = (nint)shape.Width.Input * channels;
        byte* input = run.Pointer(source) + ((((nint)image * shape.Height.Input) + shape.Height.Position(block % shape.Height.Output, rows.First)) * rowStride);
        Int8DepthwiseTile tile = new()
        {
            PixelStride = (nint)shape.Width.Stride * channels,
            RowStride = shape.Height.Dilation * rowStride,
            TapStride = (nint)shape.Width.Dilation * channels,
            TapRows = rows.Count,
            WeightRowStride = (nint)shape.Width.Size * channels,
            WeightTapStride = channels,
            IsSigned = isSigned,
        };
        int* filter = weights.Weights + (rows.First * tile.WeightRowStride);
        if (writer is { IsForKernels: true, Residual: null })
            Requantize(run, tile, input, filter, block);
        else
            Take(run, tile, input, filter, block);
    }

    /// <summary>A row whose accumulators become quantized values in the registers.</summary>
    private void Requantize(PlanRun run, Int8DepthwiseTile tile, byte* input, int* filter, int block)
    {
        U8S8RequantizedTile quantized = writer.Tile(run);
        tile.Channels = shape.InputChannels;
        tile.OutputStride = shape.InputChannels;
        tile.Bias = weights.Bias;
        tile.Scale = quantized.Scale;
        tile.Low = quantized.Low;
        tile.High = quantized.High;
        byte* output = (byte*)quantized.Tile.Output + ((nint)block * shape.Width.Output * shape.InputChannels);
        Multiply(&tile, input, filter, null, output, 0, shape.Width.Output);
    }

    /// <summary>A row whose accumulators the writer takes, some pixels and channels at a time.</summary>
    private void Take(PlanRun run, Int8DepthwiseTile tile, byte* input, int* filter, int block)
    {
        int* accumulators = stackalloc int[AccumulatorsAtOnce];
        int channels = shape.InputChannels;
        for (int first = 0; first < channels; first += ChannelsAtOnce)
        {
            tile.Channels = Math.Min(ChannelsAtOnce, channels - first);
            tile.Bias = weights.Bias + first;
            tile.OutputStride = tile.Channels;
            int most = AccumulatorsAtOnce / (int)tile.Channels;
            for (int x = 0; x < shape.Width.Output; x += most)
            {
                int count = Math.Min(most, shape.Width.Output - x);
                Multiply(&tile, input + first, filter + first, accumulators, null, x, count);
                AccumulatorRows taken = new() { Accumulators = accumulators, Stride = (int)tile.Channels, Row = (block * shape.Width.Output) + x, Rows = count, Column = first, Columns = (int)tile.Channels };
                writer.Take(run, vectors, &taken);
            }
        }
    }

    /// <summary>The accumulators or the quantized values of some output pixels of a row.</summary>
    private void Multiply(Int8DepthwiseTile* tile, byte* input, int* filter, int* accumulators, byte* quantized, int firstPixel, int count)
    {
        int channels = shape.InputChannels;
        for (int x = firstPixel; x < firstPixel + count;)
        {
            bool isInside = inside.Contains(x);
            int pixels = isInside ? GroupSize(Math.Min(firstPixel + count, inside.End) - x) : 1;
            TapRange columns = isInside ? new(0, shape.Width.Size) : TapRange.Of(shape.Width, x);
            tile->TapColumns = columns.Count;
            tile->Input = input + ((nint)shape.Width.Position(x, columns.First) * channels);
            tile->Weights = filter + (columns.First * channels);
            tile->Output = accumulators + ((x - firstPixel) * tile->OutputStride);
            tile->Quantized = quantized + ((x - firstPixel) * tile->OutputStride);
            vectors.Depthwise(tile, pixels);
            x += pixels;
        }
    }

    private static int GroupSize(int pixels) => pixels >= MostPixels ? MostPixels : pixels >= 2 ? 2 : 1;
}
