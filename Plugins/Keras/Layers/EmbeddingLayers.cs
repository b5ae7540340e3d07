using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>Rows of a table by index; index 0 is masked on demand.</summary>
[KerasLayer("Embedding", "ReversibleEmbedding")]
internal sealed class EmbeddingLayer : Layer
{
    private readonly long rows;
    private readonly long columns;
    private readonly bool masksZero;
    private readonly bool tied;
    private readonly Variable table;
    private readonly Variable? reverse;

    public EmbeddingLayer(LayerSource source)
        : base(source)
    {
        rows = Configuration.Count("input_dim");
        columns = Configuration.Count("output_dim");
        masksZero = Configuration.Flag("mask_zero", false);
        tied = Configuration.Flag("tie_weights", true);
        table = Weight("embeddings");
        reverse = WeightIf(ClassName == "ReversibleEmbedding" && !tied, "reverse_embeddings");
    }

    protected override bool ConvertsInputs => ClassName == "ReversibleEmbedding";

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        Symbol weights = call.Read(table, "embedding_lookup/table", rows, columns);
        if (call.Flag("reverse"))
            return [Reverse(call, x, weights)];
        Symbol indices = x.Type is DataType.Int32 or DataType.Int64 ? x : graph.Cast(x, DataType.Int32);
        Symbol y = graph.Gather(weights, indices, 0, "embedding_lookup");
        if (!masksZero)
            return [y];
        return [y with { Mask = graph.Compare("NotEqual", x.Unmasked, graph.Scalar("NotEqual/y", x.Type, 0)) }];
    }

    private Symbol Reverse(LayerCall call, Symbol x, Symbol weights)
    {
        Symbol transposed = reverse is null ? call.Graph.Transpose(weights, [1, 0]) : call.Read(reverse, "reverse/ReadVariableOp", columns, rows);
        ImmutableArray<Dimension> outer = call.Graph.DimensionsOf(x)[..^1];
        Symbol y = call.Graph.Reshape(call.Graph.MatMul(call.Graph.Reshape(x, [-1, columns]), transposed), [.. outer, rows], "Reshape_1");
        return Configuration.Optional("logit_soft_cap") is { } cap ? call.Graph.Multiply(call.Graph.Unary("Tanh", call.Graph.Divide(y, cap)), cap) : y;
    }
}

/// <summary>Hides time steps of which all features have a value, and sets them to zero.</summary>
[KerasLayer("Masking")]
internal sealed class MaskingLayer : Layer
{
    private readonly double value;

    public MaskingLayer(LayerSource source)
        : base(source) => value = Configuration.Number("mask_value", 0);

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        Symbol differs = graph.Compare("NotEqual", x, graph.Scalar("NotEqual/y", x.Type, value));
        Symbol any = graph.Reduce("Any", differs, [-1], keep: true);
        Symbol y = graph.Multiply(x, graph.Cast(any, x.Type));
        return [y with { Mask = graph.Squeeze(any, [-1]) }];
    }
}
