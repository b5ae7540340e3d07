using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Plans.Operators.Quantize;

/// <summary>Floats to 8-bit values of a constant range by SCALED.</summary>
internal sealed unsafe class QuantizeScaledOperator(Int8Vectors vectors, PlanBuffer source, PlanBuffer target, QuantizationScale scaling) : BlockOperator
{
    private const int BlockElements = 64 << 10;

    private readonly nint count = (nint)target.Bytes;

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void RunBlock(PlanRun run, int block)
    {
        nint first = (nint)block * BlockElements;
        vectors.QuantizeScaled(run.Floats(source) + first, run.Pointer(target) + first, Math.Min(BlockElements, count - first), scaling);
    }
}
