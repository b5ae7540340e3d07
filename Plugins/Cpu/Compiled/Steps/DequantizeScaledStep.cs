using System.Collections.Immutable;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>8-bit codes of a constant range to floats by SCALED.</summary>
internal sealed unsafe class DequantizeScaledStep(CodeVectors vectors, ScaledBuffer source, PlanBuffer target) : BlockStep
{
    private const int BlockElements = 64 << 10;

    private readonly nint count = (nint)(target.Bytes / sizeof(float));

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source.Buffer];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void RunBlock(PlanRun run, int block)
    {
        nint first = (nint)block * BlockElements;
        vectors.DequantizeScaled(run.Pointer(source.Buffer) + first, run.Floats(target) + first, Math.Min(BlockElements, count - first), new(source.Source.Step, source.Source.IsSigned));
    }
}
