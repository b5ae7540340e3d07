using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Execution;

/// <summary>What one step of a run took.</summary>
/// <param name="Node">The node that the step computes, the first when there are several.</param>
/// <param name="Start">Time from the start of the run to the start of the step.</param>
/// <param name="Duration">Time that the step took.</param>
/// <param name="OutputBytes">Bytes of the tensors that the step computes.</param>
public readonly record struct StepTiming(Node Node, TimeSpan Start, TimeSpan Duration, long OutputBytes)
{
    /// <summary>Shapes of the data inputs, as far as they are known; empty for a step that computes nothing.</summary>
    public ImmutableArray<TensorShape> InputShapes { get; init; } = [];

    /// <summary>Shapes of the outputs, as far as they are known; empty as those of the inputs.</summary>
    public ImmutableArray<TensorShape> OutputShapes { get; init; } = [];
}
