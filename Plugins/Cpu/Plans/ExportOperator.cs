using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Copies a tensor out of the arena, for a reference kernel.</summary>
internal sealed class ExportOperator(PlanBuffer source, PlanTensor tensor, int slot) : Operator
{
    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes => [];

    public override void Run(PlanRun run) => run.Tensors[slot] = Tensor.FromContent(tensor.Type, tensor.Shape, run.Bytes(source)[..(int)tensor.Bytes].ToArray());
}
