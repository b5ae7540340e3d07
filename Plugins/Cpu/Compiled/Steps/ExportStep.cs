using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>Copies a tensor out of the arena, for a reference kernel.</summary>
internal sealed class ExportStep(PlanBuffer source, PlanTensor tensor, int slot) : Step
{
    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes => [];

    public override void Run(PlanRun run) => run.Tensors[slot] = Tensor.FromContent(tensor.Type, tensor.Shape, run.Bytes(source)[..(int)tensor.Bytes].ToArray());
}
