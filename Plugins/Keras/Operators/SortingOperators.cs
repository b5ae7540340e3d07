using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Operators;

/// <summary>Operators that put elements in order, or take them by a place for each.</summary>
internal static class SortingOperators
{
    [KerasOperator("Sort", "sort")]
    public static ImmutableArray<Symbol> Sort(OperatorCall call) => [Ordered(call)[0]];

    [KerasOperator("Argsort", "argsort")]
    public static ImmutableArray<Symbol> ArgSort(OperatorCall call) => [Ordered(call)[1]];

    /// <summary>The middle element, or the mean of the two in the middle.</summary>
    [KerasOperator("Median")]
    public static ImmutableArray<Symbol> Median(OperatorCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Floating(call.Tensor(0), "Mean");
        ImmutableArray<int> axes = call.AxesOf(x);
        bool keeps = call.Flag(false, 2, "keepdims");
        if (axes.Length != 1 && (axes.Length != x.Rank || keeps))
            throw KerasException.Option("a median over some of several axes");
        Symbol flat = axes.Length == 1 ? Last(graph, x, axes[0]) : graph.Reshape(x, [-1]);
        long count = flat.KnownDimension(-1);
        Symbol sorted = Largest(graph, flat, count)[0];
        Symbol middle = graph.Reduce("Mean", graph.SliceAxis(sorted, flat.Rank - 1, (count - 1) / 2, (count / 2) + 1), [-1]);
        return [keeps ? graph.ExpandDims(middle, axes[0]) : middle];
    }

    /// <summary>Elements along an axis, of which the indices have a place for each.</summary>
    [KerasOperator("TakeAlongAxis")]
    public static ImmutableArray<Symbol> TakeAlongAxis(OperatorCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Tensor(0);
        Symbol indices = call.Tensor(1, null, "indices");
        long? given = call.Integer(2, "axis");
        if (given is null)
            x = graph.Reshape(x, [-1]);
        int axis = Axes.Normalize(given ?? 0, x.Rank);
        if (indices.Rank != x.Rank || Enumerable.Range(0, x.Rank).Any(i => i != axis && x.Shape[i] != indices.Shape[i]))
            throw KerasException.Option($"indices {indices.Shape} that broadcast against {x.Shape}");
        Symbol places = graph.Cast(Last(graph, Indices.FromStart(graph, graph.Cast(indices, DataType.Int64), graph.DimensionOf(x, axis)), axis), DataType.Int32);
        Symbol table = Last(graph, x, axis);
        Symbol taken = graph.Add("GatherV2", "GatherV2", places.Shape, [table, places, graph.Int("GatherV2/axis", x.Rank - 1)], ("batch_dims", x.Rank - 1));
        return [Last(graph, taken, axis)];
    }

    /// <summary>The number of the bin that each element falls into.</summary>
    [KerasOperator("Digitize")]
    public static ImmutableArray<Symbol> Digitize(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        Symbol bins = call.Tensor(1, null, "bins");
        if (bins.Constant is not { } known)
            throw KerasException.Option("bins that are not constant");
        Symbol data = x.Type is DataType.Float or DataType.Double or DataType.Int32 or DataType.Int64 ? x : call.Graph.Cast(x, DataType.Float);
        return [call.Graph.Add("Bucketize", "Bucketize", x.Shape, [data], ("boundaries", new ListValue([.. Tensors.Doubles(known).Select(value => (AttributeValue)(float)value)])))];
    }

    /// <summary>Elements in ascending order, and where they were; descending where TensorFlow's function is asked for that.</summary>
    private static ImmutableArray<Symbol> Ordered(OperatorCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Tensor(0);
        bool isDescending = call.Text("ASCENDING", 2, "direction") == "DESCENDING";
        if (call.Generation == 3 && call.Configuration.Element.TryGetProperty("axis", out var given) && given.ValueKind == System.Text.Json.JsonValueKind.Null)
            x = graph.Reshape(x, [-1]);
        int axis = Axes.Normalize(call.Integer(1, "axis") ?? -1, x.Rank);
        Symbol last = Last(graph, x, axis);
        long count = last.KnownDimension(-1);
        var found = Largest(graph, isDescending ? last : Opposite(graph, last), count);
        return [Last(graph, isDescending ? found[0] : Opposite(graph, found[0]), axis), Last(graph, found[1], axis)];
    }

    private static ImmutableArray<Symbol> Largest(GraphBuilder graph, Symbol x, long count) => graph.AddMany("TopKV2", "TopKV2", [x.Shape, x.Shape], [x, graph.Int("TopKV2/k", count)], ("sorted", true));

    /// <summary>Values whose order is the opposite: −x, of whole numbers the complement.</summary>
    private static Symbol Opposite(GraphBuilder graph, Symbol x) => graph.Unary(x.IsFloating ? "Neg" : "Invert", x);

    /// <summary>An axis exchanged with the last one.</summary>
    private static Symbol Last(GraphBuilder graph, Symbol x, int axis) => axis == x.Rank - 1
        ? x
        : graph.Transpose(x, [.. Enumerable.Range(0, x.Rank).Select(i => i == axis ? x.Rank - 1 : i == x.Rank - 1 ? axis : i)]);
}

/// <summary>Indices of elements.</summary>
internal static class Indices
{
    /// <summary>Indices below zero counted from the end of an axis, as Keras 3 has them.</summary>
    public static Symbol FromStart(GraphBuilder graph, Symbol indices, Dimension size)
    {
        if (indices.Constant is { } known)
        {
            double[] values = Tensors.Doubles(known);
            if (values.All(value => value >= 0))
                return indices;
            if (size.Value is null)
                return graph.Constant("indices", Tensors.Of(known.Type, known.Shape, [.. values.Select(value => value < 0 ? value + size.Size : value)]));
        }
        Symbol length = size.Value is { } value ? graph.Cast(value, indices.Type) : graph.Scalar("size", indices.Type, size.Size);
        Symbol isNegative = graph.Compare("Less", indices, graph.Scalar("Less/y", indices.Type, 0));
        return graph.Select(isNegative, graph.Add(indices, length), indices);
    }
}
