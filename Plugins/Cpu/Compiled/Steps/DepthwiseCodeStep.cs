using System.Collections.Immutable;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>Weights of a depthwise convolution of codes, [tap, channel], widened, and the start of the sums.</summary>
internal sealed unsafe class DepthwiseCodeWeights
{
    private readonly AlignedMemory weights;
    private readonly AlignedMemory start;

    public DepthwiseCodeWeights(ReadOnlySpan<sbyte> filter, int[] start)
    {
        weights = new(sizeof(int) * (long)filter.Length);
        Span<int> wide = weights.Span<int>();
        for (int i = 0; i < wide.Length; i++)
            wide[i] = filter[i];
        this.start = AlignedMemory.Of<int>(start);
    }

    public int* Weights => (int*)weights.Pointer;

    public int* Start => (int*)start.Pointer;
}

/// <summary>A depthwise convolution of codes, a block for each row of each output image. Windows that overhang the image at the sides are computed one by one, the others in groups.</summary>
internal sealed unsafe class DepthwiseCodeStep(CodeVectors vectors, ConvolutionShape shape, DepthwiseCodeWeights weights, PlanBuffer source, bool isSigned, FusedEpilogue epilogue) : BlockStep
{
    private const int MostPixels = 4;
    private const int ChannelsAtOnce = 256;
    private const int SumsAtOnce = 2048;

    private readonly InsideRange inside = InsideRange.Of(shape.Width);

    public override ImmutableArray<PlanBuffer> Reads { get; } = [.. new[] { source, epilogue.Summand }.OfType<PlanBuffer>()];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [epilogue.Target];

    public override int Blocks => shape.Batch * shape.Height.Output;

    public override void RunBlock(PlanRun run, int block)
    {
        int channels = shape.InputChannels;
        int image = block / shape.Height.Output;
        var rows = TapRange.Of(shape.Height, block % shape.Height.Output);
        nint rowStride = (nint)shape.Width.Input * channels;
        byte* input = run.Pointer(source) + ((((nint)image * shape.Height.Input) + shape.Height.Position(block % shape.Height.Output, rows.First)) * rowStride);
        DepthwiseCodes tile = new()
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
        if (epilogue is { IsForKernels: true, Summand: null })
            Requantize(run, tile, input, filter, block);
        else
            Take(run, tile, input, filter, block);
    }

    /// <summary>A row whose sums become codes in the registers.</summary>
    private void Requantize(PlanRun run, DepthwiseCodes tile, byte* input, int* filter, int block)
    {
        RequantizedTile codes = epilogue.Tile(run);
        tile.Channels = shape.InputChannels;
        tile.OutputStride = shape.InputChannels;
        tile.Start = weights.Start;
        tile.Scale = codes.Scale;
        tile.Low = codes.Low;
        tile.High = codes.High;
        byte* output = (byte*)codes.Tile.Output + ((nint)block * shape.Width.Output * shape.InputChannels);
        Multiply(&tile, input, filter, null, output, 0, shape.Width.Output);
    }

    /// <summary>A row whose sums the epilogue takes, some pixels and channels at a time.</summary>
    private void Take(PlanRun run, DepthwiseCodes tile, byte* input, int* filter, int block)
    {
        int* sums = stackalloc int[SumsAtOnce];
        int channels = shape.InputChannels;
        for (int first = 0; first < channels; first += ChannelsAtOnce)
        {
            tile.Channels = Math.Min(ChannelsAtOnce, channels - first);
            tile.Start = weights.Start + first;
            tile.OutputStride = tile.Channels;
            int most = SumsAtOnce / (int)tile.Channels;
            for (int x = 0; x < shape.Width.Output; x += most)
            {
                int count = Math.Min(most, shape.Width.Output - x);
                Multiply(&tile, input + first, filter + first, sums, null, x, count);
                SumRows taken = new() { Sums = sums, Stride = (int)tile.Channels, Row = (block * shape.Width.Output) + x, Rows = count, Column = first, Columns = (int)tile.Channels };
                epilogue.Take(run, vectors, &taken);
            }
        }
    }

    /// <summary>The sums or the codes of some output pixels of a row.</summary>
    private void Multiply(DepthwiseCodes* tile, byte* input, int* filter, int* sums, byte* codes, int firstPixel, int count)
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
            tile->Output = sums + ((x - firstPixel) * tile->OutputStride);
            tile->Codes = codes + ((x - firstPixel) * tile->OutputStride);
            vectors.Depthwise(tile, pixels);
            x += pixels;
        }
    }

    private static int GroupSize(int pixels) => pixels >= MostPixels ? MostPixels : pixels >= 2 ? 2 : 1;
}
