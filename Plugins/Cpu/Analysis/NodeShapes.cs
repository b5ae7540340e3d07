using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Analysis;

/// <summary>Shapes of the data inputs and of the outputs of a node.</summary>
internal readonly record struct NodeShapes(ImmutableArray<TensorShape> Inputs, ImmutableArray<TensorShape> Outputs)
{
    public static NodeShapes None { get; } = new([], []);
}
