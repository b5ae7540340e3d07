using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Elementwise;

namespace TransformFramework.Cpu.Plans.Operators.MinMax;

/// <summary>The least or greatest number of a tensor; among zeros the sign of the first counts.</summary>
internal sealed unsafe class MinMaxOperator(FloatVectors vectors, PlanBuffer source, nint count, PlanBuffer target, bool takesLeast) : Operator
{
    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override void Run(PlanRun run)
    {
        float* numbers = run.Floats(source);
        float extreme = takesLeast ? vectors.Least(numbers, count) : vectors.Greatest(numbers, count);
        *run.Floats(target) = extreme == 0 ? MinMaxValues.FirstZero(new(numbers, (int)count)) : extreme;
    }
}
