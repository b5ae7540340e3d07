using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels.Elementwise;

namespace TransformFramework.Cpu.Plans.Operators.Softmax;

/// <summary>Softmax of each row, a block for each.</summary>
internal sealed unsafe class SoftmaxOperator(PlanBuffer source, PlanBuffer target, int rows, int columns) : BlockOperator
{
    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => rows;

    public override void RunBlock(PlanRun run, int block)
    {
        nint at = (nint)block * columns;
        SoftmaxKernel.Run(new(run.Floats(source) + at, columns), new(run.Floats(target) + at, columns));
    }
}
