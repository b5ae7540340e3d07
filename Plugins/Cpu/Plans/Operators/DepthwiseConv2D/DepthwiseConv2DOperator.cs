using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.DepthwiseConv2D;

/// <summary>Weights of a depthwise convolution, [tap, channel], and its bias.</summary>
internal sealed record DepthwiseWeights(AlignedMemory Weights, AlignedMemory Bias)
{
    public static DepthwiseWeights Of(Tensor filter, PostOps post)
    {
        ReadOnlySpan<float> values = filter.AsSpan<float>();
        float[] scale = post.ScaleOrOnes();
        var weights = new AlignedMemory(sizeof(float) * (long)values.Length);
        Span<float> scaled = weights.Span<float>();
        for (int i = 0; i < scaled.Length; i++)
            scaled[i] = Denormals.Flush(values[i]) * scale[i % scale.Length];
        var bias = new AlignedMemory(sizeof(float) * (long)scale.Length);
        if (post.Offset is not null)
            PostOps.ToSingles(post.Offset).CopyTo(bias.Span<float>());
        return new(weights, bias);
    }
}

/// <summary>
/// A float depthwise convolution, a block for each row or pair of rows of each output image. Windows that overhang the image at the sides are computed one by one, the others in groups; windows of 3 × 3 taps and stride 1
/// in groups of two rows where neither overhangs.
/// </summary>
internal sealed unsafe class DepthwiseConv2DOperator(FloatVectors vectors, ConvolutionShape shape, DepthwiseWeights weights, PlanBuffer source, PlanBuffer target, float low, float high, bool isExact) : BlockOperator
{
    private readonly InsideRange insideRows = InsideRange.Of(shape.Height);
    private readonly InsideRange inside = InsideRange.Of(shape.Width);
    private readonly int rowsAtOnce = !isExact && IsPaired(shape.Height) && IsPaired(shape.Width) ? FloatVectors.PairRows : 1;

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => shape.Batch * BlocksOfImage;

    private int BlocksOfImage => (shape.Height.Output + FirstPair + rowsAtOnce - 1) / rowsAtOnce;

    /// <summary>1 where the first block is one row, so that pairs begin with the first row that does not overhang.</summary>
    private int FirstPair => insideRows.First % rowsAtOnce;

    public override void RunBlock(PlanRun run, int block)
    {
        int image = block / BlocksOfImage;
        int first = (block % BlocksOfImage * rowsAtOnce) - FirstPair;
        int end = Math.Min(shape.Height.Output, first + rowsAtOnce);
        bool isPair = rowsAtOnce > 1 && insideRows.Contains(first) && insideRows.Contains(first + 1);
        for (int row = Math.Max(0, first); row < end; row += isPair ? rowsAtOnce : 1)
            RunRow(run, image, row, isPair);
    }

    /// <summary>A row of output, or a pair of rows.</summary>
    private void RunRow(PlanRun run, int image, int row, bool isPair)
    {
        int channels = shape.InputChannels;
        var rows = TapRange.Of(shape.Height, row);
        nint rowStride = (nint)shape.Width.Input * channels;
        DepthwiseTile tile = new()
        {
            PixelStride = (nint)shape.Width.Stride * channels,
            RowStride = shape.Height.Dilation * rowStride,
            TapStride = (nint)shape.Width.Dilation * channels,
            TapRows = rows.Count,
            WeightRowStride = (nint)shape.Width.Size * channels,
            WeightTapStride = channels,
            Bias = (float*)weights.Bias.Pointer,
            OutputStride = channels,
            OutputRowStride = (nint)shape.Width.Output * channels,
            Channels = channels,
            Low = low,
            High = high,
        };
        float* input = run.Floats(source) + ((((nint)image * shape.Height.Input) + shape.Height.Position(row, rows.First)) * rowStride);
        float* filter = (float*)weights.Weights.Pointer + (rows.First * tile.WeightRowStride);
        float* output = run.Floats(target) + ((((nint)image * shape.Height.Output) + row) * tile.OutputRowStride);
        for (int x = 0; x < shape.Width.Output;)
        {
            int pixels = inside.Contains(x) ? GroupSize(Math.Min(FloatVectors.MaxPixels, inside.End - x), isPair) : 1;
            var columns = TapRange.Of(shape.Width, x);
            tile.TapColumns = columns.Count;
            tile.Input = input + ((nint)shape.Width.Position(x, columns.First) * channels);
            tile.Weights = filter + (columns.First * channels);
            tile.Output = output + ((nint)x * channels);
            Run(&tile, pixels, isPair);
            x += pixels;
        }
    }

    private void Run(DepthwiseTile* tile, int pixels, bool isPair)
    {
        if (isExact)
        {
            vectors.RoundedDepthwise(tile, pixels);
            return;
        }
        if (isPair && pixels == FloatVectors.PairPixels)
        {
            vectors.DepthwisePair(tile);
            return;
        }
        vectors.Depthwise(tile, pixels);
        if (!isPair)
            return;
        tile->Input += tile->RowStride;
        tile->Output += tile->OutputRowStride;
        vectors.Depthwise(tile, pixels);
    }

    private static bool IsPaired(SpatialDimension dimension) => dimension is { Size: 3, Stride: 1, Dilation: 1 };

    private static int GroupSize(int pixels, bool isPair) => pixels >= 8 && !isPair ? 8 : pixels >= FloatVectors.PairPixels ? FloatVectors.PairPixels : pixels >= 2 ? 2 : 1;
}

/// <summary>The output positions whose windows are inside the image: from the first up to, but without, the end.</summary>
internal readonly record struct InsideRange(int First, int End)
{
    public static InsideRange Of(SpatialDimension dimension)
    {
        int first = Math.Min(dimension.Output, Math.Max(0, (dimension.Before + dimension.Stride - 1) / dimension.Stride));
        int end = dimension.Output;
        while (end > 0 && dimension.Position(end - 1, dimension.Size - 1) >= dimension.Input)
            end--;
        return new(first, Math.Max(end, first));
    }

    public bool Contains(int position) => position >= First && position < End;
}

/// <summary>The taps of a window that are inside the image.</summary>
internal readonly record struct TapRange(int First, int Count)
{
    public static TapRange Of(SpatialDimension dimension, int output)
    {
        int start = dimension.Position(output, 0);
        int first = start >= 0 ? 0 : (-start + dimension.Dilation - 1) / dimension.Dilation;
        int end = dimension.Input <= start ? 0 : Math.Min(dimension.Size, ((dimension.Input - 1 - start) / dimension.Dilation) + 1);
        return new(first, Math.Max(0, end - first));
    }
}
