using System.Collections.Immutable;
using TransformFramework.Cpu.Compiled.Forms;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>A float matrix product or convolution with packed weights; bias, addition and clamping happen in the registers.</summary>
internal sealed unsafe class ProductStep : BlockStep
{
    private readonly FloatTiles tiles;
    private readonly ConvolutionShape shape;
    private readonly FloatPanels weights;
    private readonly PlanBuffer source;
    private readonly PlanBuffer target;
    private readonly PlanBuffer? residual;
    private readonly PlanBuffer? zeros;
    private readonly float low;
    private readonly float high;
    private readonly int threads;
    private FloatProduct? product;

    private ProductStep(FloatTiles tiles, ConvolutionShape shape, FloatPanels weights, PlanBuffer source, PlanBuffer target, PlanBuffer? residual, PlanBuffer? zeros, float low, float high, int threads)
    {
        this.tiles = tiles;
        this.shape = shape;
        this.weights = weights;
        this.source = source;
        this.target = target;
        this.residual = residual;
        this.zeros = zeros;
        this.low = low;
        this.high = high;
        this.threads = threads;
        Reads = [.. new[] { source, residual, zeros }.OfType<PlanBuffer>()];
        Writes = [target];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => product!.Blocks;

    /// <summary>A product of an image or matrix in a buffer with constant weights [taps…, in, out].</summary>
    public static ProductStep Of(PlanBuilder builder, ProgramNode node, ConvolutionShape shape, PlanBuffer source, Tensor weights, Epilogue epilogue)
    {
        FloatTiles tiles = builder.Kernels.Floats;
        var (taps, depth) = shape.WithRowTaps ?? (shape.Height.Size * shape.Width.Size, shape.InputChannels);
        FloatPanels panels = builder.Weights.GetOrAdd(node.Index, taps, weights, epilogue, () => FloatPanels.Pack(tiles, weights.AsSpan<float>(), taps, depth, shape.OutputChannels,
            epilogue.Scale is null ? [] : Epilogue.ToSingles(epilogue.Scale), epilogue.Offset is null ? [] : Epilogue.ToSingles(epilogue.Offset)));
        PlanBuffer? residual = epilogue.Residual is { } added ? builder.Read(added) : null;
        PlanBuffer? zeros = shape.IsPadded ? builder.Zeros(shape.InputChannels * sizeof(float)) : null;
        PlanBuffer target = builder.Write(epilogue.Output);
        target.Replaces = residual == source ? null : residual;
        return new(tiles, shape, panels, source, target, residual, zeros, epilogue.Low, epilogue.High, builder.Threads) { Name = $"{node.Node.Op} {node.Node.Name}" };
    }

    public override void Prepare()
    {
        int pixelBytes = shape.InputChannels * sizeof(float);
        RowOffsets rows = RowOffsets.Of(shape, tiles.Rows, pixelBytes, source.Offset, zeros?.Offset ?? 0);
        bool overlaps = shape.Height.Size > shape.Height.Stride || shape.Width.Size > shape.Width.Stride;
        product = new(tiles, weights, rows, overlaps ? pixelBytes * 2L : pixelBytes, threads);
    }

    public override void RunBlock(PlanRun run, int block) =>
        product!.Run(run.Arena, run.Floats(target), residual is null ? null : run.Floats(residual), low, high, block);
}
