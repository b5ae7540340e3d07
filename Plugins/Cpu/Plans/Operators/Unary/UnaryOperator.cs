using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Elementwise;

namespace TransformFramework.Cpu.Plans.Operators.Unary;

/// <summary>A function of each element, some thousands of them a block: whole packets, so that each element is computed as in one pass over all.</summary>
internal sealed unsafe class UnaryOperator(UnaryKernel kernel, PlanBuffer source, PlanBuffer target, int count) : BlockOperator
{
    private const int BlockElements = 1 << 14;

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (count + BlockElements - 1) / BlockElements;

    public override void RunBlock(PlanRun run, int block)
    {
        int first = block * BlockElements;
        int length = Math.Min(BlockElements, count - first);
        kernel.Apply(new(run.Floats(source) + first, length), new(run.Floats(target) + first, length));
    }
}
