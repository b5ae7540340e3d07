using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Elementwise;

namespace TransformFramework.Cpu.Plans.Operators.Binary;

/// <summary>Arithmetic of two float tensors with broadcasting.</summary>
internal sealed unsafe class BinaryOperator(IFloatRowKernel kernel, PlanBuffer left, PlanBuffer right, PlanBuffer target, Broadcast broadcast) : Operator
{
    public override ImmutableArray<PlanBuffer> Reads { get; } = [left, right];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override void Run(PlanRun run) => kernel.Map(Floats(run, left), Floats(run, right), Floats(run, target), broadcast);

    private static Span<float> Floats(PlanRun run, PlanBuffer buffer) => new(run.Floats(buffer), (int)(buffer.Bytes / sizeof(float)));
}
