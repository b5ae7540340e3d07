using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>An activation by name.</summary>
[KerasLayer("Activation")]
internal sealed class ActivationLayer : Layer
{
    private readonly Activation activation;

    public ActivationLayer(LayerSource source)
        : base(source) => activation = ActivationOf("activation");

    protected override ImmutableArray<Symbol> Compute(LayerCall call) => [activation.IsLinear ? call.Graph.Unary("Identity", call.Input) : activation.Apply(call.Graph, call.Input.Unmasked)];
}

/// <summary>ReLU with a ceiling, a slope and a threshold.</summary>
[KerasLayer("ReLU")]
internal sealed class ReluLayer : Layer
{
    private readonly double? ceiling;
    private readonly double slope;
    private readonly double threshold;

    public ReluLayer(LayerSource source)
        : base(source)
    {
        ceiling = Configuration.Optional("max_value") is { } value && !double.IsPositiveInfinity(value) ? value : null;
        slope = Configuration.Number("negative_slope", 0);
        threshold = Configuration.Number("threshold", 0);
    }

    protected override ImmutableArray<Symbol> Compute(LayerCall call) => [Apply(call.Graph, call.Input, ceiling, slope, threshold)];

    /// <summary>min(max(x, threshold), ceiling), below the threshold slope · (x − threshold), as Keras' backend writes it.</summary>
    public static Symbol Apply(GraphBuilder graph, Symbol x, double? ceiling, double slope, double threshold)
    {
        if (slope != 0 && ceiling is null && threshold == 0)
            return graph.Unary("LeakyRelu", x, null, ("alpha", (float)slope));
        if (slope == 0 && threshold == 0 && ceiling == 6)
            return graph.Unary("Relu6", x);
        Symbol? negative = null;
        if (slope != 0)
        {
            Symbol below = threshold == 0 ? graph.Unary("Neg", x) : graph.SubtractFrom(threshold, x);
            negative = graph.Multiply(graph.Scalar("Const", x.Type, slope), graph.Unary("Relu", below));
        }
        Symbol y = threshold == 0
            ? graph.Unary("Relu", x)
            : graph.Multiply(x, graph.Cast(graph.Compare("Greater", x, graph.Scalar("Greater/y", x.Type, threshold)), x.Type));
        if (ceiling is { } high)
            y = graph.Clip(y, 0, high);
        return negative is null ? y : graph.Subtract(y, negative);
    }
}

/// <summary>Leaky ReLU.</summary>
[KerasLayer("LeakyReLU")]
internal sealed class LeakyReluLayer : Layer
{
    private readonly double slope;

    public LeakyReluLayer(LayerSource source)
        : base(source) => slope = Configuration.Optional("negative_slope") ?? Configuration.Number("alpha", 0.3);

    protected override ImmutableArray<Symbol> Compute(LayerCall call) => [call.Graph.Unary("LeakyRelu", call.Input, null, ("alpha", (float)slope))];
}

/// <summary>Leaky ReLU of learned slopes.</summary>
[KerasLayer("PReLU")]
internal sealed class PReluLayer : Layer
{
    private readonly Variable alpha;
    private readonly ImmutableArray<long> shared;

    public PReluLayer(LayerSource source)
        : base(source)
    {
        shared = Configuration.Has("shared_axes") ? Configuration.Integers("shared_axes") : [];
        alpha = Weight("alpha");
    }

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        ImmutableArray<int> ones = Axes.Normalize(shared, x.Rank);
        Symbol slope = call.Read(alpha, "ReadVariableOp", [.. Enumerable.Range(1, x.Rank - 1).Select(axis => ones.Contains(axis) ? 1 : x.Shape[axis])]);
        Symbol negative = graph.Multiply(graph.Unary("Neg", slope), graph.Unary("Relu", graph.Unary("Neg", x), "Relu_1"));
        return [graph.Add(graph.Unary("Relu", x), negative)];
    }
}

/// <summary>ELU: x, below zero alpha · (exp(x) − 1).</summary>
[KerasLayer("ELU")]
internal sealed class EluLayer : Layer
{
    private readonly double alpha;

    public EluLayer(LayerSource source)
        : base(source) => alpha = Configuration.Number("alpha", 1);

    protected override ImmutableArray<Symbol> Compute(LayerCall call) => [Apply(call.Graph, call.Input, alpha)];

    /// <summary>The nodes of <c>backend.elu</c>.</summary>
    public static Symbol Apply(GraphBuilder graph, Symbol x, double alpha)
    {
        Symbol y = graph.Unary("Elu", x);
        if (alpha == 1)
            return y;
        Symbol positive = graph.Compare("Greater", x, graph.Scalar("Greater/y", x.Type, 0));
        return graph.Select(positive, y, graph.Multiply(graph.Scalar("mul/x", x.Type, alpha), y));
    }
}

/// <summary>x above a threshold, else zero.</summary>
[KerasLayer("ThresholdedReLU")]
internal sealed class ThresholdedReluLayer : Layer
{
    private readonly double theta;

    public ThresholdedReluLayer(LayerSource source)
        : base(source) => theta = Configuration.Number("theta", 1);

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol above = graph.Compare("Greater", call.Input, graph.Scalar("Greater/y", call.Input.Type, theta));
        return [graph.Multiply(call.Input, graph.Cast(above, call.Input.Type))];
    }
}

/// <summary>Softmax over an axis or several, with an optional mask.</summary>
[KerasLayer("Softmax")]
internal sealed class SoftmaxLayer : Layer
{
    private readonly ImmutableArray<long> axes;

    public SoftmaxLayer(LayerSource source)
        : base(source) => axes = Configuration.Has("axis") ? AxesOf(Configuration) : [-1];

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        Symbol x = call.Input;
        if (call.Tensor("mask") is { } mask)
            x = AttentionScores.Hide(call.Graph, x, mask);
        return [Apply(call.Graph, x, Axes.Normalize(axes, x.Rank))];
    }

    /// <summary>A list of axes also where it was written as one that Keras reads back wrong.</summary>
    public static ImmutableArray<long> AxesOf(ConfigurationObject configuration, string key = "axis") =>
        configuration.Get(key) is { ValueKind: JsonValueKind.Object } wrapped && wrapped.TryGetProperty("items", out JsonElement items)
            ? [.. items.EnumerateArray().Select(item => item.GetInt64())]
            : configuration.Integers(key);

    /// <summary>Softmax over axes: the op for one, exp(x − logsumexp) for several.</summary>
    public static Symbol Apply(GraphBuilder graph, Symbol x, ImmutableArray<int> axes)
    {
        if (axes.Length == 1)
            return graph.Softmax(x, axes[0]);
        Symbol shifted = graph.Unary("Exp", graph.Subtract(x, graph.Reduce("Max", x, axes, keep: true)));
        return graph.Divide(shifted, graph.Reduce("Sum", shifted, axes, keep: true));
    }
}
