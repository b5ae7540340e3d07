using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Plans.Operators.DepthwiseConv2D;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.QuantizedDepthwiseConv2D;

/// <summary>
/// A 3 × 3 depthwise convolution of quint8 values, a block for each row of each output image. A window that overhangs the image reads the nearest three rows and columns inside of it with
/// its weights moved, so that all windows run by the same kernels.
/// </summary>
internal sealed unsafe class QuantizedDepthwise3x3Operator : BlockOperator
{
    private const int Size = Depthwise3x3Kernels.Size;
    private const int VectorChannels = 16;

    private readonly Depthwise3x3Kernels tiles;
    private readonly ConvolutionShape shape;
    private readonly PlanBuffer source;
    private readonly AccumulatorWriter writer;
    private readonly InsideRange inside;
    private readonly AlignedMemory bias;
    private readonly AlignedMemory scale;

    /// <summary>Weights by the tap of the first row and of the first column that is read.</summary>
    private readonly Dictionary<long, AlignedMemory> weights = [];

    public QuantizedDepthwise3x3Operator(Depthwise3x3Kernels tiles, ConvolutionShape shape, Tensor filter, int[] bias, PlanBuffer source, AccumulatorWriter writer)
    {
        this.tiles = tiles;
        this.shape = shape;
        this.source = source;
        this.writer = writer;
        this.bias = tiles.Arrange(bias);
        scale = tiles.Arrange(writer.Scales);
        inside = InsideRange.Of(shape.Width);
        Reads = [source];
        Writes = [writer.Target];
        foreach (int row in Offsets(shape.Height))
        {
            foreach (int column in Offsets(shape.Width))
                weights.Add(FirstTap(row, column), tiles.Pack(filter.AsSpan<sbyte>(), shape.InputChannels, row, column));
        }
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => shape.Batch * shape.Height.Output;

    /// <summary>True for convolutions that the kernels can do.</summary>
    public static bool Fits(ConvolutionShape shape) =>
        shape.InputChannels % VectorChannels == 0 && Fits(shape.Height) && Fits(shape.Width) && shape.Height.Stride == shape.Width.Stride;

    public override void RunBlock(PlanRun run, int block)
    {
        int channels = shape.InputChannels;
        int y = block % shape.Height.Output;
        nint rowStride = (nint)shape.Width.Input * channels;
        int firstRow = First(shape.Height, y);
        byte* rows = run.Pointer(source) + (((nint)(block / shape.Height.Output * shape.Height.Input) + firstRow) * rowStride);
        int rowOffset = firstRow - shape.Height.Position(y, 0);
        U8S8RequantizedTile quantized = writer.Tile(run);
        byte* output = (byte*)quantized.Tile.Output + ((nint)block * shape.Width.Output * channels);
        Depthwise3x3Tile work = new()
        {
            ColumnStride = channels,
            Bias = (int*)bias.Pointer,
            Scale = (float*)scale.Pointer,
            OutputStride = channels,
            Chunks = channels / VectorChannels,
            Low = quantized.Low,
            High = quantized.High,
        };
        var weightsInside = (sbyte*)(weights.TryGetValue(FirstTap(rowOffset, 0), out var memory) ? memory.Pointer : null);
        for (int x = 0; x < shape.Width.Output;)
        {
            bool isInside = inside.Contains(x);
            int pixels = isInside ? inside.End - x : 1;
            int firstColumn = First(shape.Width, x);
            work.Row0 = rows + ((nint)firstColumn * channels);
            work.Row1 = work.Row0 + rowStride;
            work.Row2 = work.Row1 + rowStride;
            work.Weights = isInside ? weightsInside : (sbyte*)weights[FirstTap(rowOffset, firstColumn - shape.Width.Position(x, 0))].Pointer;
            work.Output = output + ((nint)x * channels);
            tiles.Run(&work, pixels, shape.Width.Stride);
            x += pixels;
        }
    }

    private static bool Fits(SpatialDimension dimension) => dimension is { Size: Size, Dilation: 1, Stride: 1 or 2, Input: >= Size };

    /// <summary>The first of three positions inside the image that hold all of a window that is inside.</summary>
    private static int First(SpatialDimension dimension, int output) => Math.Clamp(dimension.Position(output, 0), 0, dimension.Input - Size);

    /// <summary>How far these can be from a window's own first position.</summary>
    private static List<int> Offsets(SpatialDimension dimension)
    {
        var offsets = new List<int>();
        for (int output = 0; output < dimension.Output; output++)
        {
            int offset = First(dimension, output) - dimension.Position(output, 0);
            if (!offsets.Contains(offset))
                offsets.Add(offset);
        }
        return offsets;
    }

    private static long FirstTap(int row, int column) => ((long)row << 32) | (uint)column;
}
