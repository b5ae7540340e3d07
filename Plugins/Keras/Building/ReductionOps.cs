using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Building;

/// <summary>Nodes that reduce axes or put them in order.</summary>
internal static class ReductionOps
{
    /// <summary>Sum, Mean, Max, Min, Prod, Any, All over axes.</summary>
    public static Symbol Reduce(this GraphBuilder graph, string op, Symbol x, ImmutableArray<int> axes, bool keep = false, string? name = null)
    {
        name ??= op;
        ImmutableArray<int> normal = Axes.Normalize(axes.Select(axis => (long)axis), x.Rank);
        Symbol list = axes.Length == 1 && op is "Any" or "All" ? graph.Int(name + "/reduction_indices", axes[0]) : graph.Ints(name + "/reduction_indices", axes.Select(axis => (long)axis));
        return graph.Add(op, name, Axes.Reduce(x.Shape, normal, keep), [x, list], ("keep_dims", keep));
    }

    /// <summary>All axes of a tensor.</summary>
    public static ImmutableArray<int> AllAxes(Symbol x) => [.. Enumerable.Range(0, x.Rank)];

    /// <summary>ArgMax or ArgMin along an axis.</summary>
    public static Symbol ArgExtreme(this GraphBuilder graph, string op, Symbol x, int axis, DataType type) =>
        graph.Add(op, op, x.Shape.Remove(Axes.Normalize(axis, x.Rank)), [x, graph.Int(op + "/dimension", axis)], ("output_type", type));

    /// <summary>Softmax or LogSoftmax along an axis; TensorFlow's op does the last one, others go through a transpose.</summary>
    public static Symbol Softmax(this GraphBuilder graph, Symbol x, int axis = -1, string op = "Softmax")
    {
        int at = Axes.Normalize(axis, x.Rank);
        if (at == x.Rank - 1)
            return graph.Unary(op, x);
        ImmutableArray<int> swap = [.. Enumerable.Range(0, x.Rank).Select(i => i == at ? x.Rank - 1 : i == x.Rank - 1 ? at : i)];
        return graph.Transpose(graph.Unary(op, graph.Transpose(x, swap)), swap, "transpose_1");
    }

    /// <summary>Mean and variance over axes, kept, as <c>tf.nn.moments</c> writes them.</summary>
    public static (Symbol Mean, Symbol Variance) Moments(this GraphBuilder graph, Symbol x, ImmutableArray<int> axes, string name = "moments")
    {
        Symbol mean = graph.Reduce("Mean", x, axes, keep: true, name + "/mean");
        Symbol fixedMean = graph.Unary("StopGradient", mean, name + "/StopGradient");
        Symbol squares = graph.Binary("SquaredDifference", x, fixedMean, name + "/SquaredDifference");
        return (mean, graph.Reduce("Mean", squares, axes, keep: true, name + "/variance"));
    }
}
