using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>Elementwise sums, products and the like of several inputs, which broadcast behind the batch axis.</summary>
[KerasLayer("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")]
internal sealed class MergeLayer(LayerSource source) : Layer(source)
{
    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        if (call.Inputs.Length < 1 || (ClassName == "Subtract" && call.Inputs.Length != 2))
            throw KerasException.Configuration($"it is called with {call.Inputs.Length} inputs");
        ImmutableArray<Symbol> inputs = Align(graph, Model.Generation == 3 ? graph.Unify(call.Inputs) : call.Inputs);
        Symbol y = ClassName switch
        {
            "Add" => graph.Fold("AddV2", inputs, "add"),
            "Subtract" => graph.Subtract(inputs[0], inputs[1]),
            "Multiply" => graph.Fold("Mul", inputs, "mul"),
            "Average" => graph.Divide(graph.Fold("AddV2", inputs, "add"), inputs.Length),
            _ => graph.Fold(ClassName, inputs, ClassName),
        };
        Symbol? mask = Masks.Combine(graph, call.Inputs, Model.Generation);
        return [mask is null ? y : y with { Mask = mask }];
    }

    private static ImmutableArray<Symbol> Align(GraphBuilder graph, ImmutableArray<Symbol> inputs)
    {
        int rank = inputs.Max(input => input.Rank);
        return [.. inputs.Select(input => Pad(graph, input, rank))];
    }

    private static Symbol Pad(GraphBuilder graph, Symbol x, int rank)
    {
        for (int i = x.Rank; i < rank; i++)
            x = graph.ExpandDims(x, 1);
        return x;
    }
}

/// <summary>Inputs joined along an axis.</summary>
[KerasLayer("Concatenate")]
internal sealed class ConcatenateLayer : Layer
{
    private readonly long axis;

    public ConcatenateLayer(LayerSource source)
        : base(source) => axis = Configuration.Integer("axis", -1);

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        if (call.Inputs.IsEmpty)
            throw KerasException.Configuration("it is called without inputs");
        int at = Axes.Normalize(axis, call.Inputs[0].Rank);
        Symbol y = call.Inputs.Length == 1 ? graph.Unary("Identity", call.Inputs[0]) : graph.Concat(Model.Generation == 3 ? graph.Unify(call.Inputs) : call.Inputs, (int)axis);
        return [Mask(call, at) is { } mask ? y with { Mask = mask } : y];
    }

    /// <summary>The masks joined like the inputs, then true where all of the last axis are.</summary>
    private static Symbol? Mask(LayerCall call, int axis)
    {
        if (call.Inputs.All(input => input.Mask is null))
            return null;
        GraphBuilder graph = call.Graph;
        ImmutableArray<Symbol> masks = [.. call.Inputs.Select(input => Expanded(graph, input))];
        return graph.Reduce("All", graph.Concat(masks, axis, "mask/concat"), [-1], keep: false, "mask/All");
    }

    private static Symbol Expanded(GraphBuilder graph, Symbol input)
    {
        Symbol ones = graph.Cast(graph.Like("OnesLike", input, "mask/ones_like"), DataType.Bool, "mask/Cast");
        if (input.Mask is not { } mask)
            return ones;
        for (int i = mask.Rank; i < input.Rank; i++)
            mask = graph.ExpandDims(mask, -1, "mask/ExpandDims");
        return graph.Binary("LogicalAnd", ones, mask, "mask/LogicalAnd");
    }
}

/// <summary>Products of vectors along an axis of each input.</summary>
[KerasLayer("Dot")]
internal sealed class DotLayer : Layer
{
    private readonly ImmutableArray<long> axes;
    private readonly bool normalize;

    public DotLayer(LayerSource source)
        : base(source)
    {
        ImmutableArray<long> given = Configuration.Integers("axes");
        axes = given.Length == 1 ? [given[0], given[0]] : given.Length == 2 ? given : throw Configuration.Wrong("axes", "one or two axes");
        normalize = Configuration.Flag("normalize", false);
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        if (call.Inputs.Length != 2)
            throw KerasException.Configuration($"it is called with {call.Inputs.Length} inputs");
        (Symbol x, Symbol y) = (call.Inputs[0].Unmasked, call.Inputs[1].Unmasked);
        int a = Axes.Normalize(axes[0], x.Rank);
        int b = Axes.Normalize(axes[1], y.Rank);
        if (normalize)
        {
            x = UnitNormalizationLayer.Apply(graph, x, [a]);
            y = UnitNormalizationLayer.Apply(graph, y, [b]);
        }
        return [BatchDot(graph, x, y, a, b)];
    }

    /// <summary>Contraction of one axis of each, the batch axis shared: the inputs as three-dimensional ones, then BatchMatMulV2.</summary>
    private static Symbol BatchDot(GraphBuilder graph, Symbol x, Symbol y, int a, int b)
    {
        ImmutableArray<Dimension> outerX = Outer(graph, x, a);
        ImmutableArray<Dimension> outerY = Outer(graph, y, b);
        Symbol left = Matrix(graph, x, a, last: true);
        Symbol right = Matrix(graph, y, b, last: false);
        Symbol product = graph.BatchMatMul(left, right);
        ImmutableArray<Dimension> outer = [.. outerX, .. outerY];
        return graph.Reshape(product, [graph.DimensionOf(x, 0), .. outer.IsEmpty ? [1] : outer]);
    }

    private static ImmutableArray<Dimension> Outer(GraphBuilder graph, Symbol x, int axis) => [.. graph.DimensionsOf(x).Where((_, i) => i != 0 && i != axis)];

    private static Symbol Matrix(GraphBuilder graph, Symbol x, int axis, bool last)
    {
        ImmutableArray<int> others = [.. Enumerable.Range(1, x.Rank - 1).Where(i => i != axis)];
        ImmutableArray<int> order = last ? [0, .. others, axis] : [0, axis, .. others];
        Symbol moved = order.SequenceEqual(Enumerable.Range(0, x.Rank)) ? x : graph.Transpose(x, order);
        if (x.Rank == 3)
            return moved;
        Dimension batch = graph.DimensionOf(x, 0);
        long size = x.KnownDimension(axis);
        return graph.Reshape(moved, last ? [batch, Rows(), size] : [batch, size, Rows()]);

        Dimension Rows() => others.IsEmpty ? 1 : Axes.Product(others.Select(i => x.Shape[i]));
    }
}

/// <summary>Masks of several inputs.</summary>
internal static class Masks
{
    /// <summary>The mask of a merged tensor: up to Keras 2 true where all that exist are; in Keras 3 where one is, and none when an input has none.</summary>
    public static Symbol? Combine(GraphBuilder graph, ImmutableArray<Symbol> inputs, int generation)
    {
        ImmutableArray<Symbol> masks = [.. inputs.Where(input => input.Mask is not null).Select(input => input.Mask!)];
        if (masks.IsEmpty || (generation == 3 && masks.Length < inputs.Length))
            return null;
        string op = generation == 3 ? "LogicalOr" : "LogicalAnd";
        return graph.Fold(op, masks, "mask/" + op);
    }
}
