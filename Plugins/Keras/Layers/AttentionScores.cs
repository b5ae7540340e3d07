using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>What attention layers do with scores and masks.</summary>
internal static class AttentionScores
{
    /// <summary>Scores with a large negative number added where the mask is false.</summary>
    public static Symbol Hide(GraphBuilder graph, Symbol scores, Symbol mask)
    {
        double distance = scores.Type == DataType.Half ? 65504 : 1e9;
        Symbol hidden = graph.SubtractFrom(1, graph.Cast(mask, scores.Type));
        return graph.Add(scores, graph.Multiply(hidden, -distance));
    }

    /// <summary>True where a key is not later than the query: 1 × queries × keys.</summary>
    public static Symbol Causal(GraphBuilder graph, Symbol queries, int queryAxis, Symbol keys, int keyAxis)
    {
        Dimension rows = graph.DimensionOf(queries, queryAxis);
        Dimension columns = graph.DimensionOf(keys, keyAxis);
        if (rows.Value is null && columns.Value is null)
        {
            byte[] lower = new byte[checked(rows.Size * columns.Size)];
            for (int i = 0; i < lower.Length; i++)
                lower[i] = i % columns.Size <= i / columns.Size ? (byte)1 : (byte)0;
            return graph.Constant("causal_mask", Tensor.Create<byte>(DataType.Bool, TensorShape.Of(1, rows.Size, columns.Size), lower));
        }
        Symbol query = graph.ExpandDims(Range(graph, rows, "range"), 1);
        Symbol key = graph.ExpandDims(Range(graph, columns, "range_1"), 0, "ExpandDims_1");
        return graph.ExpandDims(graph.Compare("GreaterEqual", query, key), 0, "ExpandDims_2");
    }

    /// <summary>The masks that a call has for its inputs: of the argument <c>mask</c>, else those that travel with them.</summary>
    public static ImmutableArray<Symbol?> MasksOf(LayerCall call) => call.Arguments.Named.TryGetValue("mask", out Argument? given) && given is ListArgument list
        ? [.. call.Inputs.Select((_, i) => i < list.Items.Length && list.Items[i] is TensorArgument tensor ? tensor.Value : null)]
        : [.. call.Inputs.Select(input => input.Mask)];

    private static Symbol Range(GraphBuilder graph, Dimension count, string name) =>
        graph.Add("Range", name, TensorShape.Of(count.Size), [graph.Int(name + "/start", 0), count.Value ?? graph.Int(name + "/limit", count.Size), graph.Int(name + "/delta", 1)]);
}
