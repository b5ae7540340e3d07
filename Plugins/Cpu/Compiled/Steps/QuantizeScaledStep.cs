using System.Collections.Immutable;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>Floats to 8-bit codes of a constant range by SCALED.</summary>
internal sealed unsafe class QuantizeScaledStep(CodeVectors vectors, PlanBuffer source, PlanBuffer target, CodeScaling scaling) : BlockStep
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
