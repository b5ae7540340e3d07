using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.F32;

namespace TransformFramework.Cpu.Plans.Operators.Gemm;

/// <summary>A float matrix product or convolution with packed weights; bias, addition and clamping happen in the registers.</summary>
internal sealed unsafe class GemmOperator : BlockOperator
{
    private readonly GemmOperands operands;
    private readonly F32GemmKernels tiles;
    private readonly ConvolutionShape shape;
    private readonly int threads;
    private readonly int elementBytes;
    private F32Gemm[] groups = [];

    /// <param name="tiles">The kernels.</param>
    /// <param name="shape">The sizes.</param>
    /// <param name="operands">What is read and written.</param>
    /// <param name="threads">Threads that share the blocks.</param>
    /// <param name="elementBytes">Bytes of an input element.</param>
    public GemmOperator(F32GemmKernels tiles, ConvolutionShape shape, GemmOperands operands, int threads, int elementBytes = sizeof(float))
    {
        this.elementBytes = elementBytes;
        this.tiles = tiles;
        this.shape = shape;
        this.operands = operands;
        this.threads = threads;
        Reads = [.. new[] { operands.Source, operands.Residual, operands.Zeros }.OfType<PlanBuffer>()];
        Writes = [operands.Target];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => groups.Length * groups[0].Blocks;

    public override void Prepare()
    {
        int pixelBytes = shape.InputChannels * elementBytes;
        RowOffsets rows = RowOffsets.Of(shape, tiles.Contract.Mr, pixelBytes, operands.Source.Offset, operands.Zeros?.Offset ?? 0);
        bool overlaps = shape.Height.Size > shape.Height.Stride || shape.Width.Size > shape.Width.Stride;
        groups = [.. operands.Weights.Select(weights => new F32Gemm(tiles, weights, rows, overlaps ? pixelBytes * 2L : pixelBytes, shape.OutputChannels, threads))];
    }

    public override void RunBlock(PlanRun run, int block)
    {
        int group = block / groups[0].Blocks;
        int column = group * (shape.OutputChannels / groups.Length);
        byte* origin = run.Arena + ((nint)group * shape.GroupChannels * elementBytes);
        float* residual = operands.Residual is { } added ? run.Floats(added) + column : null;
        groups[group].Run(origin, run.Floats(operands.Target) + column, residual, operands.Low, operands.High, block % groups[0].Blocks);
    }
}

/// <summary>What a float product reads and writes.</summary>
/// <param name="Weights">Packed weights of each group, with the bias; none where the operator has its own.</param>
/// <param name="Source">The image or matrix.</param>
/// <param name="Target">The result.</param>
/// <param name="Residual">Added before clamping, or null.</param>
/// <param name="Zeros">A pixel that represents the padding; null without padding.</param>
/// <param name="Low">Smallest result.</param>
/// <param name="High">Largest result.</param>
internal sealed record GemmOperands(F32Panels[] Weights, PlanBuffer Source, PlanBuffer Target, PlanBuffer? Residual, PlanBuffer? Zeros, float Low, float High);
