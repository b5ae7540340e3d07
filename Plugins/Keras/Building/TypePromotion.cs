using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Building;

/// <summary>One element type for operands of several.</summary>
internal static class TypePromotion
{
    /// <summary>All as the type that holds them all.</summary>
    public static ImmutableArray<Symbol> Unify(this GraphBuilder graph, ImmutableArray<Symbol> inputs)
    {
        DataType type = inputs.Select(input => input.Type).Aggregate(Wider);
        return [.. inputs.Select(input => graph.Cast(input, type))];
    }

    /// <summary>Both as one type.</summary>
    public static (Symbol X, Symbol Y) Unify(this GraphBuilder graph, Symbol x, Symbol y)
    {
        DataType type = Wider(x.Type, y.Type);
        return (graph.Cast(x, type), graph.Cast(y, type, "Cast_1"));
    }

    /// <summary>The type that holds both: floating before whole before truth values, then the larger.</summary>
    private static DataType Wider(DataType x, DataType y)
    {
        int difference = Rank(x) - Rank(y);
        return difference > 0 || (difference == 0 && x.Size() >= y.Size()) ? x : y;
    }

    private static int Rank(DataType type) => type switch
    {
        DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16 => 2,
        DataType.Bool => 0,
        _ => 1,
    };
}
