using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Layers;

namespace TransformFramework.Keras.Operators;

/// <summary>Sums of products along axes of two tensors.</summary>
internal static class ProductOperators
{
    /// <summary>Along the last axis of the first, the last but one of the second.</summary>
    [KerasOperator("Dot")]
    public static ImmutableArray<Symbol> Dot(OperatorCall call)
    {
        (Symbol x, Symbol y) = BinaryOperators.Operands(call);
        if (x.Rank == 0 || y.Rank == 0)
            return [call.Graph.Multiply(x, y)];
        return [Contract(call.Graph, x, y, [x.Rank - 1], [y.Rank == 1 ? 0 : y.Rank - 2])];
    }

    /// <summary>Along the last axes of both.</summary>
    [KerasOperator("Inner")]
    public static ImmutableArray<Symbol> Inner(OperatorCall call)
    {
        (Symbol x, Symbol y) = BinaryOperators.Operands(call);
        if (x.Rank == 0 || y.Rank == 0)
            return [call.Graph.Multiply(x, y)];
        return [Contract(call.Graph, x, y, [x.Rank - 1], [y.Rank - 1])];
    }

    /// <summary>Every element of the one times every element of the other.</summary>
    [KerasOperator("Outer")]
    public static ImmutableArray<Symbol> Outer(OperatorCall call)
    {
        (Symbol x, Symbol y) = BinaryOperators.Operands(call);
        return [call.Graph.Multiply(call.Graph.Reshape(x, [-1, 1]), call.Graph.Reshape(y, [1, -1], "Reshape_1"))];
    }

    /// <summary>Along as many last and first axes as a number says, or along the axes of two lists.</summary>
    [KerasOperator("Tensordot", "tensordot", "linalg.tensordot")]
    public static ImmutableArray<Symbol> TensorDot(OperatorCall call)
    {
        (Symbol x, Symbol y) = BinaryOperators.Operands(call);
        JsonElement? axes = call.Find(2, "axes") is ValueArgument { Value: var value } ? value : null;
        if (axes is not { ValueKind: JsonValueKind.Array } pair)
        {
            int count = axes is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int given) ? given : 2;
            if (count < 0 || count > Math.Min(x.Rank, y.Rank))
                throw KerasException.Configuration($"a product along {count} axes of {x.Shape} and {y.Shape}");
            return [Contract(call.Graph, x, y, [.. Enumerable.Range(x.Rank - count, count)], [.. Enumerable.Range(0, count)])];
        }
        if (pair.GetArrayLength() != 2)
            throw KerasException.Configuration("its axes are not two lists");
        return [Contract(call.Graph, x, y, List(pair[0], x.Rank), List(pair[1], y.Rank))];
    }

    private static ImmutableArray<int> List(JsonElement axes, int rank) => axes.ValueKind == JsonValueKind.Array
        ? [.. axes.EnumerateArray().Select(axis => One(axis, rank))]
        : [One(axes, rank)];

    private static int One(JsonElement axis, int rank) => axis.ValueKind == JsonValueKind.Number && axis.TryGetInt32(out int number) ? Axes.Normalize(number, rank) : throw KerasException.Configuration("its axes are not numbers");

    /// <summary>Einsum with a letter for each pair of axes and for each other axis.</summary>
    private static Symbol Contract(GraphBuilder graph, Symbol x, Symbol y, ImmutableArray<int> left, ImmutableArray<int> right)
    {
        if (left.Length != right.Length || x.Rank + y.Rank > 26)
            throw KerasException.Configuration($"a product along {left.Length} and {right.Length} axes of {x.Shape} and {y.Shape}");
        char[] first = [.. Enumerable.Range(0, x.Rank).Select(i => (char)('a' + i))];
        char[] second = [.. Enumerable.Range(x.Rank, y.Rank).Select(i => (char)('a' + i))];
        for (int i = 0; i < left.Length; i++)
            second[right[i]] = first[left[i]];
        string result = new([.. first.Where((_, i) => !left.Contains(i)), .. second.Where((_, i) => !right.Contains(i))]);
        return graph.Einsum($"{new string(first)},{new string(second)}->{result}", [x, y], "Tensordot");
    }
}
