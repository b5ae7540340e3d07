using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.Bf16;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Gemm.Winograd;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Plans.Operators.Gemm;

namespace TransformFramework.Cpu.Plans.Operators.Conv2D;

/// <summary>
/// A 3 × 3 convolution of floats by Winograd's F(2 × 2, 3 × 3): 16 matrix products for each 2 × 2 output pixels instead of 36. Some tiles at a time are transformed, multiplied and transformed back, so that what is in between
/// stays in the cache. Differences of infinite inputs are not numbers, and those of huge inputs may be infinite, where the direct sum is neither: a run whose transforms are not all finite convolves directly.
/// </summary>
internal sealed unsafe class WinogradConv2DOperator : BlockOperator
{
    private const int FewestChannels = 64;
    private const int FewestTiles = 16;
    private const int BlockBytes = 768 << 10;
    private const int FewestTilesOfBlock = 48;

    [ThreadStatic]
    private static AlignedMemory? scratch;

    private readonly MicrokernelSet kernels;
    private readonly Bf16Products? rounding;
    private readonly ConvolutionShape shape;
    private readonly WinogradWeights weights;
    private readonly GemmOperands operands;
    private readonly Lazy<GemmOperator> direct;
    private readonly PlanBuffer isDirect = new(sizeof(int));
    private readonly int tileRows;
    private readonly int tileColumns;
    private readonly int tilesAtOnce;
    private int[] pixels = [];
    private F32Gemm[] whole = [];
    private F32Gemm[] rest = [];

    /// <param name="kernels">The kernels.</param>
    /// <param name="rounding">Rounds what is multiplied to bfloat16: transformed pixels and filters; null for products of floats.</param>
    /// <param name="shape">The sizes.</param>
    /// <param name="weights">Transformed filters.</param>
    /// <param name="operands">What is read and written; the result does not take the place of the residual.</param>
    /// <param name="threads">Threads that share the blocks.</param>
    /// <param name="direct">Makes the direct convolution, when a run first needs it.</param>
    public WinogradConv2DOperator(MicrokernelSet kernels, Bf16Products? rounding, ConvolutionShape shape, WinogradWeights weights, GemmOperands operands, int threads, Func<GemmOperator> direct)
    {
        this.direct = new(() => Prepared(direct()));
        this.kernels = kernels;
        this.rounding = rounding;
        this.shape = shape;
        this.weights = weights;
        this.operands = operands;
        tileRows = Tiles(shape.Height);
        tileColumns = Tiles(shape.Width);
        tilesAtOnce = AtOnce(threads);
        Reads = [.. new[] { operands.Source, operands.Residual, operands.Zeros }.OfType<PlanBuffer>()];
        Writes = [operands.Target, isDirect];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => (Count + tilesAtOnce - 1) / tilesAtOnce;

    private int ElementBytes => rounding?.ElementBytes ?? sizeof(float);

    private int Count => shape.Batch * tileRows * tileColumns;

    /// <summary>True for convolutions that this is faster for.</summary>
    public static bool Fits(ConvolutionShape shape) =>
        shape is { Groups: 1, InputChannels: >= FewestChannels, OutputChannels: >= FewestChannels } && Fits(shape.Height) && Fits(shape.Width)
        && (long)shape.Batch * Tiles(shape.Height) * Tiles(shape.Width) is >= FewestTiles and <= int.MaxValue / WinogradTile.Products;

    public override void Prepare()
    {
        pixels = Offsets();
        whole = Products(tilesAtOnce);
        rest = Products(Count % tilesAtOnce);
    }

    public override long OutputBytes(PlanRun run) => operands.Target.Bytes;

    public override void Run(PlanRun run)
    {
        *run.Integers(isDirect) = 0;
        base.Run(run);
        if (*run.Integers(isDirect) != 0)
            direct.Value.Run(run);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        int first = block * tilesAtOnce;
        int count = Math.Min(tilesAtOnce, Count - first);
        nint inputs = (nint)count * shape.InputChannels;
        nint outputs = (nint)count * shape.OutputChannels;
        float* transformed = Scratch(WinogradTile.Products * (inputs + outputs));
        float* multiplied = transformed + (WinogradTile.Products * inputs);
        TransformInput(run, first, count, transformed);
        rounding?.Round(transformed, (byte*)transformed, WinogradTile.Products * inputs);
        F32Gemm[] products = count == tilesAtOnce ? whole : rest;
        for (int i = 0; i < products.Length; i++)
        {
            for (int part = 0; part < products[i].Blocks; part++)
                products[i].Run((byte*)transformed + (i * inputs * ElementBytes), multiplied + (i * outputs), null, float.NegativeInfinity, float.PositiveInfinity, part);
        }
        TransformOutput(run, first, count, multiplied);
    }

    private void TransformInput(PlanRun run, int first, int count, float* transformed)
    {
        WinogradInput tile = new() { Base = run.Arena, MatrixStride = (nint)count * shape.InputChannels };
        fixed (int* offsets = pixels)
        {
            for (int i = 0; i < count; i++)
            {
                tile.Pixels = offsets + ((nint)(first + i) * WinogradTile.Products);
                tile.Output = transformed + ((nint)i * shape.InputChannels);
                tile.Channels = shape.InputChannels;
                kernels.FloatVectors.WinogradInput(&tile);
            }
        }
    }

    private void TransformOutput(PlanRun run, int first, int count, float* multiplied)
    {
        int channels = shape.OutputChannels;
        float* check = stackalloc float[FloatVectors.MaxLanes];
        float* output = run.Floats(operands.Target);
        float* residual = operands.Residual is { } added ? run.Floats(added) : null;
        WinogradOutput tile = new()
        {
            MatrixStride = (nint)count * channels,
            Bias = (float*)weights.Bias.Pointer,
            RowStride = (nint)shape.Width.Output * channels,
            PixelStride = channels,
            Channels = channels,
            Low = operands.Low,
            High = operands.High,
            Check = check,
        };
        for (int i = 0; i < count; i++)
        {
            int y = (first + i) / tileColumns % tileRows * WinogradTile.Outputs;
            int x = (first + i) % tileColumns * WinogradTile.Outputs;
            nint row = ((nint)((first + i) / (tileRows * tileColumns)) * shape.Height.Output) + y;
            nint at = ((row * shape.Width.Output) + x) * channels;
            tile.Input = multiplied + ((nint)i * channels);
            tile.Output = output + at;
            tile.Residual = residual == null ? null : residual + at;
            tile.Rows = Math.Min(WinogradTile.Outputs, shape.Height.Output - y);
            tile.Columns = Math.Min(WinogradTile.Outputs, shape.Width.Output - x);
            kernels.FloatVectors.WinogradOutput(&tile);
        }
        if (new ReadOnlySpan<float>(check, FloatVectors.MaxLanes).ContainsAnyExcept(0f))
            *run.Integers(isDirect) = 1;
    }

    private static GemmOperator Prepared(GemmOperator direct)
    {
        direct.Prepare();
        return direct;
    }

    /// <summary>Tiles of a block: as many as the cache holds, in blocks of about one size, a multiple of the threads.</summary>
    private int AtOnce(int threads)
    {
        long tileBytes = sizeof(float) * (long)WinogradTile.Products * (shape.InputChannels + shape.OutputChannels);
        long most = Math.Max(FewestTilesOfBlock, BlockBytes / tileBytes);
        long blocks = Math.Max(1, (long)Math.Round(Count / (double)most));
        blocks = Math.Min(Count, (blocks + threads - 1) / threads * threads);
        return (int)((Count + blocks - 1) / blocks);
    }

    /// <summary>Byte offsets of the 16 pixels of every tile in the arena.</summary>
    private int[] Offsets()
    {
        int[] offsets = GC.AllocateUninitializedArray<int>(Count * WinogradTile.Products);
        for (int i = 0; i < offsets.Length; i++)
        {
            int tile = i / WinogradTile.Products;
            int pixel = i % WinogradTile.Products;
            int y = (tile / tileColumns % tileRows * WinogradTile.Outputs) + (pixel / WinogradTile.Inputs) - shape.Height.Before;
            int x = (tile % tileColumns * WinogradTile.Outputs) + (pixel % WinogradTile.Inputs) - shape.Width.Before;
            bool isOutside = (uint)y >= (uint)shape.Height.Input || (uint)x >= (uint)shape.Width.Input;
            int image = tile / (tileRows * tileColumns);
            offsets[i] = isOutside ? operands.Zeros!.Offset : operands.Source.Offset + (((((image * shape.Height.Input) + y) * shape.Width.Input) + x) * shape.InputChannels * sizeof(float));
        }
        return offsets;
    }

    /// <summary>The 16 products of so many tiles.</summary>
    private F32Gemm[] Products(int count)
    {
        if (count == 0)
            return [];
        F32GemmKernels tiles = rounding?.Tiles ?? kernels.FloatGemm;
        int rowBytes = shape.InputChannels * ElementBytes;
        var rows = RowOffsets.Of(ConvolutionShape.MatMul(count, shape.InputChannels, shape.OutputChannels), tiles.Contract.Mr, rowBytes, 0, 0);
        return [.. weights.Products.Select(panels => new F32Gemm(tiles, panels, rows, rowBytes, shape.OutputChannels, threads: 1))];
    }

    private static float* Scratch(nint floats)
    {
        long bytes = sizeof(float) * (long)floats;
        if (scratch is null || scratch.Length < bytes)
            scratch = new(bytes);
        return (float*)scratch.Pointer;
    }

    private static bool Fits(SpatialDimension dimension) => dimension is { Size: 3, Stride: 1, Dilation: 1 };

    private static int Tiles(SpatialDimension dimension) => (dimension.Output + WinogradTile.Outputs - 1) / WinogradTile.Outputs;
}
