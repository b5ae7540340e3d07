using System.Collections.Immutable;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>Softmax of each row, a block for each.</summary>
internal sealed unsafe class SoftmaxStep(PlanBuffer source, PlanBuffer target, int rows, int columns) : BlockStep
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
