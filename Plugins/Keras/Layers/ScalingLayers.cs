using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>x · scale + offset.</summary>
[KerasLayer("Rescaling")]
internal sealed class RescalingLayer : Layer
{
    private readonly ImmutableArray<double> scale;
    private readonly ImmutableArray<double> offset;

    public RescalingLayer(LayerSource source)
        : base(source)
    {
        scale = Configuration.Numbers("scale");
        offset = Configuration.Has("offset") ? Configuration.Numbers("offset") : [0];
    }

    protected override bool PassesMask => Model.Generation == 3;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = graph.Cast(call.Input, call.ComputeType);
        Symbol scaled = graph.Multiply(x, Constant(graph, "Cast/x", scale, call.ComputeType));
        return [graph.Add(scaled, Constant(graph, "Cast_1/x", offset, call.ComputeType))];
    }

    private static Symbol Constant(GraphBuilder graph, string name, ImmutableArray<double> values, DataType type) =>
        values.Length == 1 ? graph.Scalar(name, type, values[0]) : graph.Vector(name, type, values);
}

/// <summary>(x − mean) / standard deviation, or back; statistics from the configuration or from weights.</summary>
[KerasLayer("Normalization")]
internal sealed class FeatureNormalizationLayer : Layer
{
    private const double SmallestDeviation = 1e-7;

    private readonly ImmutableArray<long> axes;
    private readonly bool inverts;
    private readonly Variable? mean;
    private readonly Variable? variance;

    public FeatureNormalizationLayer(LayerSource source)
        : base(source)
    {
        axes = Configuration.Has("axis") ? SoftmaxLayer.AxesOf(Configuration) : [];
        inverts = Configuration.Flag("invert", false);
        if (Configuration.Has("mean") && Configuration.Has("variance"))
            return;
        mean = Weight("mean", trainable: false);
        variance = Weight("variance", trainable: false);
        Weight("count", trainable: false);
    }

    protected override bool PassesMask => Model.Generation == 3;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = graph.Cast(call.Input, call.ComputeType);
        double[] means = Values("mean", mean);
        double[] deviations = [.. Values("variance", variance).Select(value => Math.Max((float)Math.Sqrt((float)value), SmallestDeviation))];
        Symbol center = Constant(graph, "sub/y", x, means);
        Symbol spread = Constant(graph, "truediv/y", x, deviations);
        return inverts ? [graph.Add(graph.Multiply(x, spread), center)] : [graph.Divide(graph.Subtract(x, center), spread)];
    }

    private double[] Values(string key, Variable? variable)
    {
        if (variable is null)
            return [.. Configuration.Numbers(key)];
        return Tensors.Doubles(variable.Value ?? throw KerasException.Weight($"its {key} is not in the file"));
    }

    /// <summary>The statistics in a shape that broadcasts: their own axes kept, all others 1.</summary>
    private Symbol Constant(GraphBuilder graph, string name, Symbol x, double[] values)
    {
        ImmutableArray<int> kept = Axes.Normalize(axes, x.Rank);
        long[] shape = [.. Enumerable.Range(0, x.Rank).Select(axis => kept.Contains(axis) ? x.KnownDimension(axis) : 1)];
        long count = Axes.Product(shape);
        if (values.Length == 1 && count > 1)
            values = [.. Enumerable.Repeat(values[0], checked((int)count))];
        if (values.Length != count)
            throw KerasException.Weight($"its statistics have {values.Length} elements, the input {x.Shape} needs {count}");
        return graph.Constant(name, Tensors.Of(x.Type, TensorShape.Of(shape), values));
    }
}
