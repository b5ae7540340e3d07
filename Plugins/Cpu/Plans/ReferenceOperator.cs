using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Plans;

/// <summary>Runs a node by its kernel, on tensors outside the arena.</summary>
internal sealed class ReferenceOperator : Operator
{
    private readonly AnalyzedNode node;
    private readonly ImmutableArray<(Tensor? Constant, int Slot)> inputs;
    private readonly ImmutableArray<int> outputs;

    private ReferenceOperator(AnalyzedNode node, ImmutableArray<(Tensor? Constant, int Slot)> inputs, ImmutableArray<int> outputs)
    {
        this.node = node;
        this.inputs = inputs;
        this.outputs = outputs;
    }

    public override ImmutableArray<PlanBuffer> Reads => [];

    public override ImmutableArray<PlanBuffer> Writes => [];

    public static void Lower(AnalyzedNode node, PlanBuilder builder)
    {
        var given = ImmutableArray.CreateBuilder<(Tensor?, int)>();
        foreach (TensorSource input in builder.Graph.Inputs(node))
        {
            Tensor? constant = builder.Graph[input].Constant;
            given.Add((constant, constant is null ? builder.Tensors.ReadSlot(input) : -1));
        }
        int count = OpTable.Find(node.Node.Op) is { Outputs.IsEmpty: true } ? 0 : node.OutputCount;
        ImmutableArray<int> results = [.. Enumerable.Range(0, count).Select(port => builder.Tensors.WriteSlot(new(node.Index, port)))];
        builder.Append(new ReferenceOperator(node, given.ToImmutable(), results) { Node = node.Node });
    }

    public override long OutputBytes(PlanRun run) => ProfileClock.BytesOf(outputs.Select(slot => run.Tensors[slot]));

    public override void Run(PlanRun run)
    {
        Tensor[] given = [.. inputs.Select(input => input.Constant ?? run.Tensors[input.Slot]!)];
        Tensor[] results = KernelRun.Compute(node, given, run.State, run.Cancellation);
        for (int port = 0; port < outputs.Length; port++)
            run.Tensors[outputs[port]] = port < results.Length ? results[port] : throw KernelRun.MissingOutput(node, results.Length, port);
    }
}
