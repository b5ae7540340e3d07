using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels.Gemm.Bf16;

namespace TransformFramework.Cpu.Plans;

/// <summary>Floats rounded to bfloat16, as products take them.</summary>
internal sealed unsafe class RoundOperator(Bf16Products products, PlanBuffer source, PlanBuffer target) : BlockOperator
{
    private const int BlockElements = 64 << 10;

    private readonly nint count = (nint)source.Bytes / sizeof(float);

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void RunBlock(PlanRun run, int block)
    {
        nint first = (nint)block * BlockElements;
        products.Round(run.Floats(source) + first, run.Pointer(target) + (first * products.ElementBytes), Math.Min(BlockElements, count - first));
    }
}
