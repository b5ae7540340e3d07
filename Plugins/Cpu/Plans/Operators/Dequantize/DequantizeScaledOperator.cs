using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Plans.Operators.QdqFusion;

namespace TransformFramework.Cpu.Plans.Operators.Dequantize;

/// <summary>8-bit values of a constant range to floats by SCALED.</summary>
internal sealed unsafe class DequantizeScaledOperator(Int8Vectors vectors, QdqBuffer source, PlanBuffer target) : BlockOperator
{
    private const int BlockElements = 64 << 10;

    private readonly nint count = (nint)(target.Bytes / sizeof(float));

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source.Buffer];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void RunBlock(PlanRun run, int block)
    {
        nint first = (nint)block * BlockElements;
        vectors.DequantizeScaled(run.Pointer(source.Buffer) + first, run.Floats(target) + first, Math.Min(BlockElements, count - first), new(source.Source.Scale, source.Source.IsSigned));
    }
}
