using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>Normalization by stored statistics: FusedBatchNormV3 for images in float, else the elementwise nodes of <c>tf.nn.batch_normalization</c>.</summary>
[KerasLayer("BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization")]
internal sealed class BatchNormalizationLayer : Layer
{
    private readonly ImmutableArray<long> axes;
    private readonly double epsilon;
    private readonly bool mayFuse;
    private readonly Variable? gamma;
    private readonly Variable? beta;
    private readonly Variable mean;
    private readonly Variable variance;

    public BatchNormalizationLayer(LayerSource source)
        : base(source)
    {
        axes = Configuration.Has("axis") ? Configuration.Integers("axis") : [-1];
        epsilon = Configuration.Number("epsilon", 1e-3);
        bool renorm = Configuration.Flag("renorm", false);
        mayFuse = Configuration.Flag("fused", true) && !renorm;
        gamma = WeightIf(Configuration.Flag("scale", true), "gamma");
        beta = WeightIf(Configuration.Flag("center", true), "beta");
        mean = Weight("moving_mean", trainable: false);
        variance = Weight("moving_variance", trainable: false);
        if (!renorm)
            return;
        Weight("moving_stddev", trainable: false);
        Weight("renorm_mean", trainable: false);
        Weight("renorm_stddev", trainable: false);
    }

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        ImmutableArray<int> normal = Axes.Normalize(axes, x.Rank);
        bool isFusedType = x.Type is DataType.Float or DataType.Half or DataType.BFloat16;
        if (mayFuse && isFusedType && x.Rank is 4 or 5 && normal is [var axis] && (axis == x.Rank - 1 || axis == 1))
            return [Fused(call, x, axis)];
        DataType type = x.Type is DataType.Half or DataType.BFloat16 ? DataType.Float : x.Type;
        long[] shape = [.. normal.Select(at => x.KnownDimension(at))];
        Symbol y = Elementwise.Normalize(
            graph, graph.Cast(x, type), Elementwise.Broadcast(call, mean, "moving_mean", type, shape, normal, x.Rank), Elementwise.Broadcast(call, variance, "moving_variance", type, shape, normal, x.Rank),
            beta is null ? null : Elementwise.Broadcast(call, beta, "beta", type, shape, normal, x.Rank), gamma is null ? null : Elementwise.Broadcast(call, gamma, "gamma", type, shape, normal, x.Rank), epsilon);
        return [graph.Cast(y, x.Type, "Cast_1")];
    }

    private Symbol Fused(LayerCall call, Symbol x, int axis)
    {
        GraphBuilder graph = call.Graph;
        long channels = x.KnownDimension(axis);
        bool first = axis == 1 && x.Rank > 2 && axis != x.Rank - 1;
        Symbol scale = gamma is null ? Filled("ones", 1) : call.Read(gamma, "ReadVariableOp", DataType.Float, channels);
        Symbol offset = beta is null ? Filled("zeros", 0) : call.Read(beta, "ReadVariableOp_1", DataType.Float, channels);
        Symbol center = call.Read(mean, "FusedBatchNormV3/ReadVariableOp", DataType.Float, channels);
        Symbol spread = call.Read(variance, "FusedBatchNormV3/ReadVariableOp_1", DataType.Float, channels);
        TensorShape vector = TensorShape.Of(channels);
        return graph.AddMany("FusedBatchNormV3", "FusedBatchNormV3", [x.Shape, vector, vector, vector, vector, TensorShape.Unknown], [x, scale, offset, center, spread],
            ("epsilon", (float)epsilon), ("is_training", false), ("U", DataType.Float), ("data_format", WindowOps.DataFormat(x.Rank - 2, first)))[0];

        Symbol Filled(string name, double value) => graph.Root.Vector(name, DataType.Float, Enumerable.Repeat(value, checked((int)channels)));
    }
}

/// <summary>What the normalizing layers share.</summary>
internal static class Elementwise
{
    /// <summary>(x − mean) · rsqrt(variance + epsilon) · gamma + beta, in the order of <c>tf.nn.batch_normalization</c>.</summary>
    public static Symbol Normalize(GraphBuilder graph, Symbol x, Symbol mean, Symbol variance, Symbol? beta, Symbol? gamma, double epsilon)
    {
        using (graph.Open("batchnorm"))
        {
            Symbol factor = graph.Unary("Rsqrt", graph.Add(variance, epsilon));
            if (gamma is not null)
                factor = graph.Multiply(factor, gamma);
            Symbol scaled = graph.Multiply(x, factor);
            Symbol shift = graph.Multiply(mean, factor);
            return graph.Add(scaled, beta is null ? graph.Unary("Neg", shift) : graph.Subtract(beta, shift));
        }
    }

    /// <summary>A weight on some axes as one that broadcasts to the rank; a vector of the last axis stays a vector.</summary>
    public static Symbol Broadcast(LayerCall call, Variable variable, string name, DataType type, long[] shape, ImmutableArray<int> axes, int rank)
    {
        Symbol value = call.Read(variable, name + "/ReadVariableOp", type, shape);
        if (axes.Select((axis, i) => axis == rank - axes.Length + i).All(isLast => isLast))
            return value;
        var dimensions = Enumerable.Repeat(new Dimension(1), rank).ToArray();
        for (int i = 0; i < axes.Length; i++)
            dimensions[axes[i]] = shape[i];
        return call.Graph.Reshape(value, [.. dimensions], name + "/Reshape");
    }
}

/// <summary>Normalization of each example over its own axes.</summary>
[KerasLayer("LayerNormalization")]
internal sealed class LayerNormalizationLayer : Layer
{
    private readonly ImmutableArray<long> axes;
    private readonly double epsilon;
    private readonly bool byVariance;
    private readonly Variable? gamma;
    private readonly Variable? beta;

    public LayerNormalizationLayer(LayerSource source)
        : base(source)
    {
        axes = Configuration.Has("axis") ? SoftmaxLayer.AxesOf(Configuration) : [-1];
        epsilon = Configuration.Number("epsilon", 1e-3);
        byVariance = Configuration.Flag("rms_scaling", false);
        gamma = WeightIf(Configuration.Flag("scale", true) || byVariance, "gamma");
        beta = WeightIf(Configuration.Flag("center", true) && !byVariance, "beta");
    }

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        DataType type = x.Type is DataType.Half or DataType.BFloat16 ? DataType.Float : x.Type;
        Symbol wide = graph.Cast(x, type);
        ImmutableArray<int> normal = Axes.Normalize(axes, x.Rank);
        long[] shape = [.. normal.Select(axis => x.KnownDimension(axis))];
        (Symbol mean, Symbol variance) = graph.Moments(wide, normal);
        Symbol? scale = gamma is null ? null : Elementwise.Broadcast(call, gamma, "gamma", type, shape, normal, x.Rank);
        Symbol? offset = beta is null ? null : Elementwise.Broadcast(call, beta, "beta", type, shape, normal, x.Rank);
        if (!byVariance)
            return [graph.Cast(Elementwise.Normalize(graph, wide, mean, variance, offset, scale, epsilon), x.Type, "Cast_1")];
        Symbol y = graph.Multiply(wide, graph.Unary("Rsqrt", graph.Add(variance, epsilon)));
        return [graph.Cast(scale is null ? y : graph.Multiply(y, scale), x.Type, "Cast_1")];
    }
}

/// <summary>x · rsqrt(mean(x²) + epsilon) · scale.</summary>
[KerasLayer("RMSNormalization")]
internal sealed class RmsNormalizationLayer : Layer
{
    private readonly ImmutableArray<long> axes;
    private readonly double epsilon;
    private readonly Variable scale;

    public RmsNormalizationLayer(LayerSource source)
        : base(source)
    {
        axes = Configuration.Has("axis") ? SoftmaxLayer.AxesOf(Configuration) : [-1];
        epsilon = Configuration.Number("epsilon", 1e-6);
        scale = Weight("scale");
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        DataType type = x.Type is DataType.Half or DataType.BFloat16 ? DataType.Float : x.Type;
        Symbol wide = graph.Cast(x, type);
        ImmutableArray<int> normal = Axes.Normalize(axes, x.Rank);
        Symbol mean = graph.Reduce("Mean", graph.Unary("Square", wide), normal, keep: true);
        Symbol y = graph.Multiply(wide, graph.Unary("Rsqrt", graph.Add(mean, epsilon)));
        return [graph.Cast(graph.Multiply(y, Elementwise.Broadcast(call, scale, "scale", type, [.. normal.Select(axis => x.KnownDimension(axis))], normal, x.Rank)), x.Type, "Cast_1")];
    }
}

/// <summary>Normalization of groups of channels.</summary>
[KerasLayer("GroupNormalization")]
internal sealed class GroupNormalizationLayer : Layer
{
    private readonly long groups;
    private readonly long axis;
    private readonly double epsilon;
    private readonly Variable? gamma;
    private readonly Variable? beta;

    public GroupNormalizationLayer(LayerSource source)
        : base(source)
    {
        groups = Configuration.Integer("groups", 32);
        axis = Configuration.Integer("axis", -1);
        epsilon = Configuration.Number("epsilon", 1e-3);
        gamma = WeightIf(Configuration.Flag("scale", true), "gamma");
        beta = WeightIf(Configuration.Flag("center", true), "beta");
    }

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        int at = Axes.Normalize(axis, x.Rank);
        long channels = x.KnownDimension(at);
        long count = groups == -1 ? channels : groups;
        if (count < 1 || channels % count != 0)
            throw KerasException.Configuration($"{channels} channels do not divide into {count} groups");
        DataType type = x.Type is DataType.Half or DataType.BFloat16 ? DataType.Float : x.Type;
        ImmutableArray<Dimension> dimensions = graph.DimensionsOf(x);
        Symbol split = graph.Reshape(graph.Cast(x, type), [.. dimensions[..at], count, channels / count, .. dimensions[(at + 1)..]]);
        ImmutableArray<int> reduced = [.. Enumerable.Range(1, split.Rank - 1).Where(i => i != at)];
        (Symbol mean, Symbol variance) = graph.Moments(split, reduced);
        var broadcast = Enumerable.Repeat(new Dimension(1), split.Rank).ToArray();
        broadcast[at] = count;
        broadcast[at + 1] = channels / count;
        Symbol? scale = gamma is null ? null : graph.Reshape(call.Read(gamma, "gamma/ReadVariableOp", type, channels), [.. broadcast], "gamma/Reshape");
        Symbol? offset = beta is null ? null : graph.Reshape(call.Read(beta, "beta/ReadVariableOp", type, channels), [.. broadcast], "beta/Reshape");
        Symbol y = Elementwise.Normalize(graph, split, mean, variance, offset, scale, epsilon);
        return [graph.Cast(graph.Reshape(y, dimensions, "Reshape_1"), x.Type, "Cast_1")];
    }
}

/// <summary>Vectors of length one.</summary>
[KerasLayer("UnitNormalization")]
internal sealed class UnitNormalizationLayer : Layer
{
    private readonly ImmutableArray<long> axes;

    public UnitNormalizationLayer(LayerSource source)
        : base(source) => axes = Configuration.Has("axis") ? SoftmaxLayer.AxesOf(Configuration) : [-1];

    protected override ImmutableArray<Symbol> Compute(LayerCall call) => [Apply(call.Graph, call.Input, Axes.Normalize(axes, call.Input.Rank))];

    /// <summary>x · rsqrt(max(Σx², 1e-12)), as <c>tf.math.l2_normalize</c>.</summary>
    public static Symbol Apply(GraphBuilder graph, Symbol x, ImmutableArray<int> axes, double epsilon = 1e-12)
    {
        Symbol sum = graph.Reduce("Sum", graph.Unary("Square", x), axes, keep: true);
        return graph.Multiply(x, graph.Unary("Rsqrt", graph.Binary("Maximum", sum, graph.Scalar("Maximum/y", x.Type, epsilon))));
    }
}

/// <summary>A layer whose kernel training keeps at spectral norm one; at inference it is that layer.</summary>
[KerasLayer("SpectralNormalization")]
internal sealed class SpectralNormalizationLayer : Layer
{
    private readonly Layer inner;

    public SpectralNormalizationLayer(LayerSource source)
        : base(source)
    {
        Weight("vector_u", trainable: false);
        inner = Child("layer", Configuration.Get("layer"));
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call) => inner.Call(call.Graph, call.Arguments);
}
