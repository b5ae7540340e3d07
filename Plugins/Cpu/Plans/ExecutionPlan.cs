using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>A graph compiled for feeds of given types and shapes: operators in order, all memory assigned.</summary>
internal sealed class ExecutionPlan(PlanGraph graph, FeedSignature feeds, ImmutableArray<Operator> operators, ImmutableArray<FeedSlot> fedTensors, ImmutableArray<PlanOutput> outputs, long arenaBytes, int tensorSlots, ImmutableArray<PlanBuffer> permanent)
{
    private readonly Lazy<Dictionary<string, Operator>> lastOfNode = new(() => operators.Reverse().DistinctBy(op => op.Node.Name).ToDictionary(op => op.Node.Name, StringComparer.Ordinal));

    /// <summary>The graph that the plan computes.</summary>
    public PlanGraph Graph { get; } = graph;

    /// <summary>The feeds that the plan is for.</summary>
    public FeedSignature Feeds { get; } = feeds;

    public ImmutableArray<Operator> Operators { get; } = operators;

    /// <summary>Feeds in the order of the first tensor slots.</summary>
    public ImmutableArray<FeedSlot> FedTensors { get; } = fedTensors;

    public ImmutableArray<PlanOutput> Outputs { get; } = outputs;

    public long ArenaBytes { get; } = arenaBytes;

    public int TensorSlots { get; } = tensorSlots;

    /// <summary>Slots of fed tensors that operators read where the caller has them.</summary>
    public ImmutableArray<int> FedInPlace { get; init; } = [];

    /// <summary>Shapes of the node of an operator that finishes it; none for one that only prepares it, so that a node counts once.</summary>
    public (IEnumerable<TensorShape> Inputs, IEnumerable<TensorShape> Outputs) ShapesOf(Operator op) => ReferenceEquals(lastOfNode.Value[op.Node.Name], op) ? Graph.ShapesOf(op.Node) : ([], []);

    /// <summary>Buffers that are filled once.</summary>
    public ImmutableArray<PlanBuffer> Permanent { get; } = permanent;
}

/// <summary>Where a run's output is when the operators are done: in a buffer, in a tensor slot, or known beforehand.</summary>
internal sealed record PlanOutput(DataType Type, TensorShape Shape, PlanBuffer? Buffer, int Slot, Tensor? Constant);
