using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>Attention of queries to values by products (Luong) or sums (Bahdanau) with keys.</summary>
[KerasLayer("Attention", "AdditiveAttention")]
internal sealed class AttentionLayer : Layer
{
    private readonly bool isAdditive;
    private readonly bool sums;
    private readonly bool causal;
    private readonly Variable? scale;
    private readonly Variable? scoreWeight;

    public AttentionLayer(LayerSource source)
        : base(source)
    {
        isAdditive = ClassName == "AdditiveAttention";
        sums = Configuration.Word("score_mode", "dot", "dot", "concat") == "concat";
        causal = Configuration.Flag("causal", false);
        scale = WeightIf(Configuration.Flag("use_scale", isAdditive), "scale");
        scoreWeight = WeightIf(!isAdditive && sums, "concat_score_weight");
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        if (call.Inputs.Length is not (2 or 3))
            throw KerasException.Configuration($"it is called with {call.Inputs.Length} inputs; a query and a value, and perhaps a key, are needed");
        GraphBuilder graph = call.Graph;
        Symbol query = call.Inputs[0].Unmasked;
        Symbol value = call.Inputs[1].Unmasked;
        Symbol key = call.Inputs.Length == 3 ? call.Inputs[2].Unmasked : value;
        var masks = AttentionScores.MasksOf(call);
        Symbol scores = isAdditive ? Additive(call, query, key) : sums ? Sums(call, query, key) : Products(call, query, key);
        Symbol? visible = masks[1] is { } valueMask ? graph.ExpandDims(valueMask, -2) : null;
        if (causal || call.Flag("use_causal_mask"))
        {
            Symbol order = AttentionScores.Causal(graph, scores, -2, scores, -1);
            visible = visible is null ? order : graph.Binary("LogicalAnd", visible, order);
        }
        if (visible is not null)
            scores = AttentionScores.Hide(graph, scores, visible);
        Symbol weights = graph.Softmax(scores);
        Symbol result = graph.BatchMatMul(weights, value, name: "MatMul_1");
        if (masks[0] is { } queryMask)
            result = graph.Multiply(result, graph.Cast(graph.ExpandDims(queryMask, -1), result.Type)) with { Mask = queryMask };
        return call.Flag("return_attention_scores") ? [result, weights] : [result];
    }

    private Symbol Products(LayerCall call, Symbol query, Symbol key)
    {
        Symbol scores = call.Graph.BatchMatMul(query, key, adjointY: true);
        return scale is null ? scores : call.Graph.Multiply(scores, call.Read(scale, "mul/ReadVariableOp"));
    }

    private Symbol Sums(LayerCall call, Symbol query, Symbol key)
    {
        GraphBuilder graph = call.Graph;
        Symbol sum = graph.Add(graph.ExpandDims(query, -2), graph.ExpandDims(key, -3));
        if (scale is not null)
            sum = graph.Multiply(call.Read(scale, "mul/ReadVariableOp"), sum);
        Symbol total = graph.Reduce("Sum", graph.Unary("Tanh", sum), [-1]);
        return graph.Multiply(call.Read(scoreWeight!, "mul_1/ReadVariableOp"), total);
    }

    private Symbol Additive(LayerCall call, Symbol query, Symbol key)
    {
        GraphBuilder graph = call.Graph;
        Symbol sum = graph.Unary("Tanh", graph.Add(graph.ExpandDims(query, -2), graph.ExpandDims(key, -3)));
        if (scale is not null)
            sum = graph.Multiply(call.Read(scale, "mul/ReadVariableOp", query.KnownDimension(-1)), sum);
        return graph.Reduce("Sum", sum, [-1]);
    }
}

/// <summary>A projection of an attention layer, which is an EinsumDense in Keras.</summary>
internal sealed class ProjectionLayer : Layer
{
    private readonly Variable kernel;
    private readonly Variable? bias;

    public ProjectionLayer(LayerSource source)
        : base(source)
    {
        kernel = Weight("kernel");
        bias = WeightIf(Configuration.Flag("use_bias", true), "bias");
    }

    /// <summary>The product over the last axes of the input. Up to Keras 2.12 the projections do not take the mixed precision of their layer.</summary>
    public Symbol Project(LayerCall call, Symbol x, string equation, string biasAxes)
    {
        DataType type = Model.IsBefore(2, 13) ? Policy.Variable : Policy.Compute;
        return EinsumProduct.Apply(call with { Layer = this, ComputeType = type, Arguments = CallArguments.Of(call.Graph.Cast(x, type)) }, equation, kernel, bias, biasAxes);
    }

    protected override ImmutableArray<Symbol> Compute(LayerCall call) => throw new InvalidOperationException("a projection is written by its attention layer");
}

/// <summary>Attention in several heads over one or several axes.</summary>
[KerasLayer("MultiHeadAttention")]
internal sealed class MultiHeadAttentionLayer : Layer
{
    private readonly long keySize;
    private readonly ImmutableArray<long>? attentionAxes;
    private readonly int outputRank;
    private readonly ProjectionLayer query;
    private readonly ProjectionLayer key;
    private readonly ProjectionLayer value;
    private readonly ProjectionLayer output;

    public MultiHeadAttentionLayer(LayerSource source)
        : base(source)
    {
        Configuration.Count("num_heads");
        keySize = Configuration.Count("key_dim");
        attentionAxes = Configuration.Has("attention_axes") ? Configuration.Integers("attention_axes") : null;
        outputRank = Configuration.Has("output_shape") ? Configuration.Integers("output_shape").Length : 1;
        if (Configuration.Flag("use_gate", false) || Configuration.Has("sliding_window"))
            throw Unsupported("use_gate and sliding_window");
        string prefix = Model.Generation == 3 ? "" : "_";
        query = Child(prefix + "query_dense", new ProjectionLayer(source));
        key = Child(prefix + "key_dense", new ProjectionLayer(source));
        value = Child(prefix + "value_dense", new ProjectionLayer(source));
        output = Child(prefix + "output_dense", new ProjectionLayer(source));
    }

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        Symbol from = Argument(call, 1, "value") ?? throw KerasException.Configuration("it is called without a value");
        Symbol by = Argument(call, 2, "key") ?? from;
        int rank = x.Rank;
        ImmutableArray<int> axes = attentionAxes is { } given ? Axes.Normalize(given, rank) : [.. Enumerable.Range(1, rank - 2)];
        Symbol q = In("query", query, x);
        Symbol k = In("key", key, by);
        Symbol v = In("value", value, from);
        AttentionEquations equations = AttentionEquations.Of(rank + 1, axes);
        Symbol scores = graph.Einsum(equations.Scores, [k, graph.Multiply(q, 1 / Math.Sqrt(keySize))]);
        if (Visible(call, x, from, by, axes) is { } mask)
        {
            int at = -(axes.Length * 2) - 1;
            while (mask.Rank < scores.Rank)
                mask = graph.ExpandDims(mask, at);
            scores = AttentionScores.Hide(graph, scores, mask);
        }
        Symbol weights = SoftmaxLayer.Apply(graph, scores, [.. Enumerable.Range(scores.Rank - axes.Length, axes.Length)]);
        Symbol heads = graph.Einsum(equations.Combine, [weights, v], "einsum_1/Einsum");
        Symbol result;
        using (graph.Open("attention_output"))
            result = output.Project(call, heads, AttentionEquations.Projection(rank - 1, 2, outputRank, out string biasAxes), biasAxes);
        return call.Flag("return_attention_scores") ? [result, weights] : [result];

        Symbol In(string name, ProjectionLayer layer, Symbol input)
        {
            using (graph.Open(name))
                return layer.Project(call, input.Unmasked, AttentionEquations.Projection(input.Rank - 1, 1, 2, out string biasAxes), biasAxes);
        }
    }

    private static Symbol? Argument(LayerCall call, int position, string name) => call.Tensor(name) ?? (call.Inputs.Length > position ? call.Inputs[position] : null);

    private static Symbol? Visible(LayerCall call, Symbol x, Symbol from, Symbol by, ImmutableArray<int> axes)
    {
        GraphBuilder graph = call.Graph;
        Symbol? mask = null;
        if ((call.Tensor("query_mask") ?? x.Mask) is { } queryMask)
            And(graph.ExpandDims(queryMask, -1));
        if ((call.Tensor("value_mask") ?? from.Mask) is { } valueMask)
            And(graph.ExpandDims(valueMask, -2));
        if ((call.Tensor("key_mask") ?? (ReferenceEquals(by, from) ? null : by.Mask)) is { } keyMask)
            And(graph.ExpandDims(keyMask, -2));
        if (call.Flag("use_causal_mask"))
            And(AttentionScores.Causal(graph, x, 1, from, 1));
        if ((call.Tensor("attention_mask") ?? (call.Inputs.Length > 3 ? call.Inputs[3] : null)) is { } given)
            And(graph.Cast(given.Unmasked, DataType.Bool));
        return mask;

        void And(Symbol next) => mask = mask is null ? next : graph.Binary("LogicalAnd", mask, next);
    }
}

/// <summary>Equations of multi-head attention, with the letters that Keras gives the axes.</summary>
/// <param name="Scores">Keys and queries to scores.</param>
/// <param name="Combine">Scores and values to heads.</param>
internal sealed record AttentionEquations(string Scores, string Combine)
{
    /// <summary>The two products for tensors of a rank, heads and channels last, attention over some axes.</summary>
    public static AttentionEquations Of(int rank, ImmutableArray<int> axes)
    {
        if (rank > 12)
            throw KerasException.Configuration($"attention over tensors of rank {rank}");
        string target = Letters(0, rank);
        char[] source = target.ToCharArray();
        char next = (char)('a' + rank);
        foreach (int axis in axes)
            source[axis] = next++;
        string batch = new([.. Enumerable.Range(0, rank - 1).Where(i => !axes.Contains(i)).Select(i => target[i])]);
        string product = batch + new string([.. axes.Select(i => target[i])]) + new string([.. axes.Select(i => source[i])]);
        string from = new(source);
        return new($"{from},{target}->{product}", $"{product},{from}->{target}");
    }

    /// <summary>A projection of the last <paramref name="bound"/> axes to <paramref name="made"/> others.</summary>
    public static string Projection(int free, int bound, int made, out string biasAxes)
    {
        string kept = Letters(0, free);
        string summed = Letters(free, bound);
        biasAxes = Letters(free + bound, made);
        return $"{kept}{summed},{summed}{biasAxes}->{kept}{biasAxes}";
    }

    private static string Letters(int first, int count) => new([.. Enumerable.Range(first, count).Select(i => (char)('a' + i))]);
}

/// <summary>Attention of which several query heads share a head of keys and values.</summary>
[KerasLayer("GroupQueryAttention", "GroupedQueryAttention")]
internal sealed class GroupedQueryAttentionLayer : Layer
{
    private readonly long queryHeads;
    private readonly long keyHeads;
    private readonly long size;
    private readonly ProjectionLayer query;
    private readonly ProjectionLayer key;
    private readonly ProjectionLayer value;
    private readonly ProjectionLayer output;

    public GroupedQueryAttentionLayer(LayerSource source)
        : base(source)
    {
        queryHeads = Configuration.Count("num_query_heads");
        keyHeads = Configuration.Count("num_key_value_heads");
        size = Configuration.Count("head_dim");
        if (queryHeads % keyHeads != 0)
            throw KerasException.Configuration($"{Configuration.Owner}: {queryHeads} query heads do not divide into {keyHeads} groups");
        if (Configuration.Flag("use_gate", false) || Configuration.Has("sliding_window"))
            throw Unsupported("use_gate and sliding_window");
        query = Child("_query_dense", new ProjectionLayer(source));
        key = Child("_key_dense", new ProjectionLayer(source));
        value = Child("_value_dense", new ProjectionLayer(source));
        output = Child("_output_dense", new ProjectionLayer(source));
    }

    public override string PythonClass => "GroupedQueryAttention";

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        Symbol from = call.Tensor("value") ?? (call.Inputs.Length > 1 ? call.Inputs[1] : throw KerasException.Configuration("it is called without a value"));
        Symbol by = call.Tensor("key") ?? (call.Inputs.Length > 2 ? call.Inputs[2] : from);
        Symbol q = In("query", query, x);
        Symbol k = Repeat(graph, In("key", key, by));
        Symbol v = Repeat(graph, In("value", value, from));
        Symbol scores = graph.Einsum("bquh,bkuh->buqk", [graph.Multiply(q, 1 / Math.Sqrt(size)), k]);
        if (Visible(call, x, from) is { } mask)
            scores = AttentionScores.Hide(graph, scores, mask.Rank < 4 ? graph.ExpandDims(mask, 1) : mask);
        Symbol weights = graph.Softmax(scores);
        Symbol heads = graph.Einsum("buqk,bkuh->bquh", [weights, v], "einsum_1/Einsum");
        Symbol result;
        using (graph.Open("attention_output"))
            result = output.Project(call, heads, "bquh,uhm->bqm", "m");
        return call.Flag("return_attention_scores") ? [result, weights] : [result];

        Symbol In(string name, ProjectionLayer layer, Symbol input)
        {
            using (graph.Open(name))
                return layer.Project(call, input.Unmasked, "bqm,muh->bquh", "uh");
        }
    }

    private Symbol Repeat(GraphBuilder graph, Symbol x) => queryHeads == keyHeads ? x : RepeatOps.RepeatEach(graph, x, 2, queryHeads / keyHeads);

    private static Symbol? Visible(LayerCall call, Symbol x, Symbol from)
    {
        GraphBuilder graph = call.Graph;
        Symbol? mask = call.Tensor("attention_mask") is { } given ? graph.Cast(given.Unmasked, DataType.Bool) : null;
        if ((call.Tensor("query_mask") ?? x.Mask) is { } queryMask)
            And(graph.ExpandDims(queryMask, -1));
        if ((call.Tensor("value_mask") ?? from.Mask) is { } valueMask)
            And(graph.ExpandDims(valueMask, -2));
        if (call.Flag("use_causal_mask"))
            And(AttentionScores.Causal(graph, x, 1, from, 1));
        return mask;

        void And(Symbol next) => mask = mask is null ? next : graph.Binary("LogicalAnd", mask, next);
    }
}
