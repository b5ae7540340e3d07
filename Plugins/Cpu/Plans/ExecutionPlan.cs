using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>A graph compiled for feeds of given types and shapes: operators in order, all memory assigned.</summary>
internal sealed class ExecutionPlan(FeedSignature feeds, ImmutableArray<Operator> operators, ImmutableArray<NodeShapes> shapes, ImmutableArray<FeedSlot> fedTensors, ImmutableArray<PlanOutput> outputs, long arenaBytes, int tensorSlots, ImmutableArray<PlanBuffer> permanent)
{
    private readonly Lazy<ILookup<int, int>> outputsAfter = new(() => OutputsAfterOperators(operators, outputs));

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

    /// <summary>Whether an output is there only until the operators after <see cref="OutputsAfter"/> run.</summary>
    public bool HandsOutputsOver { get; init; }

    /// <summary>For each operator, the shapes of its node where it finishes it; none where it only prepares it, so that a node counts once.</summary>
    public ImmutableArray<NodeShapes> Shapes { get; } = shapes;

    /// <summary>Numbers of the outputs that are done with an operator; those that are outside the arena are with the last one.</summary>
    public IEnumerable<int> OutputsAfter(int op) => outputsAfter.Value[op];

    /// <summary>Buffers that are filled once.</summary>
    public ImmutableArray<PlanBuffer> Permanent { get; } = permanent;

    private static ILookup<int, int> OutputsAfterOperators(ImmutableArray<Operator> operators, ImmutableArray<PlanOutput> outputs)
    {
        var writers = new Dictionary<PlanBuffer, int>();
        for (int i = 0; i < operators.Length; i++)
        {
            foreach (PlanBuffer buffer in operators[i].Writes)
                writers[buffer] = i;
        }
        return Enumerable.Range(0, outputs.Length).ToLookup(i => outputs[i].Buffer is { } buffer && writers.TryGetValue(buffer, out int op) ? op : operators.Length - 1);
    }
}

/// <summary>Where a run's output is when the operators are done: in a buffer, in a tensor slot, or known beforehand.</summary>
internal sealed record PlanOutput(DataType Type, TensorShape Shape, PlanBuffer? Buffer, int Slot, Tensor? Constant);
