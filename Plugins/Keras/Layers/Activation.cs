using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>An activation of a layer: a function by name, or a layer.</summary>
internal sealed class Activation
{
    private readonly string name;
    private readonly Layer? layer;
    private readonly int generation;

    private Activation(string name, Layer? layer, int generation)
    {
        this.name = name;
        this.layer = layer;
        this.generation = generation;
    }

    /// <summary>True when it gives back its input.</summary>
    public bool IsLinear => layer is null && name == "linear";

    /// <summary>The activation that a configuration names.</summary>
    /// <exception cref="KerasException">It is not known.</exception>
    public static Activation Of(ConfigurationObject configuration, string key, string fallback, ModelContext model)
    {
        if (configuration.Find(key) is not { } value)
            return new(fallback, null, model.Generation);
        if (value.ValueKind == JsonValueKind.String)
            return Named(value.GetString()!, configuration, key, model);
        if (value.ValueKind != JsonValueKind.Object)
            throw configuration.Wrong(key, "an activation");
        string className = ConfigurationObject.Of(value, configuration.Owner).Text("class_name", "");
        bool isFunction = value.TryGetProperty("config", out JsonElement inner) && inner.ValueKind == JsonValueKind.String;
        if (isFunction)
            return Named(inner.GetString()!, configuration, key, model);
        if (!LayerRegistry.Knows(className))
            throw Unknown(className, configuration, key);
        return new("", model.Deserialize(value, $"{key} of {configuration.Owner}"), model.Generation);
    }

    /// <summary>Writes the nodes.</summary>
    public Symbol Apply(GraphBuilder graph, Symbol x) => layer is not null ? layer.Call(graph, x)[0] : Apply(graph, name, x, generation);

    /// <summary>Writes the nodes of an activation that Keras knows by name.</summary>
    public static Symbol Apply(GraphBuilder graph, string name, Symbol x, int generation) => name switch
    {
        "linear" => x,
        "relu" => graph.Unary("Relu", x),
        "relu6" => graph.Unary("Relu6", x),
        "elu" => graph.Unary("Elu", x),
        "selu" => graph.Unary("Selu", x),
        "softplus" => graph.Unary("Softplus", x),
        "softsign" => graph.Unary("Softsign", x),
        "tanh" => graph.Unary("Tanh", x),
        "sigmoid" => graph.Unary("Sigmoid", x),
        "exponential" => graph.Unary("Exp", x),
        "softmax" => graph.Softmax(x),
        "log_softmax" => graph.Softmax(x, -1, "LogSoftmax"),
        "leaky_relu" or "LeakyReLU" => graph.Unary("LeakyRelu", x, null, ("alpha", generation == 3 || name == "leaky_relu" ? 0.2f : 0.3f)),
        "swish" or "silu" => graph.Multiply(x, graph.Unary("Sigmoid", x)),
        "hard_sigmoid" => HardSigmoid(graph, x, generation),
        "hard_silu" or "hard_swish" => graph.Multiply(x, HardSigmoid(graph, x, generation)),
        "gelu" => Gelu(graph, x, approximate: false),
        "mish" => graph.Multiply(x, graph.Unary("Tanh", graph.Unary("Softplus", x))),
        "celu" => Celu(graph, x, 1),
        "glu" => Glu(graph, x, -1),
        "squareplus" => SquarePlus(graph, x),
        "hard_shrink" => HardShrink(graph, x, 0.5),
        "soft_shrink" => SoftShrink(graph, x, 0.5),
        "tanh_shrink" => graph.Subtract(x, graph.Unary("Tanh", x)),
        "threshold" => throw KerasException.Option("activation 'threshold' has no arguments here"),
        "sparse_plus" => SparsePlus(graph, x),
        "hard_tanh" => graph.Clip(x, -1, 1),
        "log_sigmoid" => graph.Unary("Neg", graph.Unary("Softplus", graph.Unary("Neg", x))),
        "sparsemax" => Sparsemax(graph, x),
        "sparse_sigmoid" => graph.Clip(graph.Multiply(graph.Add(x, 1), 0.5), 0, 1),
        _ => throw new KerasException(KerasDiagnostics.UnknownClass, $"activation '{name}' is not known", KerasDiagnostics.ExportAdvice),
    };

    /// <summary>GELU by the error function, or by tanh.</summary>
    public static Symbol Gelu(GraphBuilder graph, Symbol x, bool approximate)
    {
        using (graph.Open("Gelu"))
        {
            Symbol half = graph.Multiply(graph.Scalar("mul/x", x.Type, 0.5), x);
            if (!approximate)
                return graph.Multiply(half, graph.Add(graph.Scalar("add/x", x.Type, 1), graph.Unary("Erf", graph.Divide(x, graph.Scalar("Cast/x", x.Type, 1.4142135381698608)))));
            Symbol cubes = graph.Binary("Pow", x, graph.Scalar("Pow/y", x.Type, 3), "Pow");
            Symbol inner = graph.Add(x, graph.Multiply(graph.Scalar("mul_1/x", x.Type, 0.044715), cubes));
            return graph.Multiply(half, graph.Add(graph.Scalar("add_1/x", x.Type, 1), graph.Unary("Tanh", graph.Multiply(graph.Scalar("mul_2/x", x.Type, 0.7978845608028654), inner))));
        }
    }

    /// <summary>max(x, 0) + alpha · (exp(min(x, 0) / alpha) − 1).</summary>
    public static Symbol Celu(GraphBuilder graph, Symbol x, double alpha)
    {
        Symbol zero = graph.Scalar("zero", x.Type, 0);
        Symbol below = graph.Binary("Minimum", x, zero);
        Symbol negative = graph.Unary("Expm1", alpha == 1 ? below : graph.Divide(below, alpha));
        return graph.Add(graph.Binary("Maximum", x, zero), alpha == 1 ? negative : graph.Multiply(negative, alpha));
    }

    /// <summary>The first half of an axis times the sigmoid of the second.</summary>
    public static Symbol Glu(GraphBuilder graph, Symbol x, int axis)
    {
        var parts = graph.Split(x, 2, axis);
        return graph.Multiply(parts[0], graph.Unary("Sigmoid", parts[1]));
    }

    /// <summary>x where its magnitude is above the threshold, else 0.</summary>
    public static Symbol HardShrink(GraphBuilder graph, Symbol x, double threshold)
    {
        Symbol isLarge = graph.Compare("Greater", graph.Unary("Abs", x), graph.Scalar("Greater/y", x.Type, threshold));
        return graph.Select(isLarge, x, graph.Like("ZerosLike", x, "zeros_like"));
    }

    /// <summary>x nearer to 0 by the threshold; 0 where its magnitude is below.</summary>
    public static Symbol SoftShrink(GraphBuilder graph, Symbol x, double threshold)
    {
        Symbol zeros = graph.Like("ZerosLike", x, "zeros_like");
        Symbol below = graph.Select(graph.Compare("Less", x, graph.Scalar("Less/y", x.Type, -threshold)), graph.Add(x, threshold), zeros);
        return graph.Select(graph.Compare("Greater", x, graph.Scalar("Greater/y", x.Type, threshold)), graph.Subtract(x, threshold), below);
    }

    private static Activation Named(string name, ConfigurationObject configuration, string key, ModelContext model)
    {
        if (LayerRegistry.Knows(name) && name != "linear" && !IsKnown(name))
        {
            JsonElement empty = JsonText.Parse($$"""{"class_name": "{{name}}", "config": {"name": "{{name}}"} }""", key);
            return new("", model.Deserialize(empty, $"{key} of {configuration.Owner}"), model.Generation);
        }
        string plain = name.Contains('>', StringComparison.Ordinal) ? name[(name.IndexOf('>', StringComparison.Ordinal) + 1)..] : name;
        return IsKnown(plain) && (plain == name || name.StartsWith("keras", StringComparison.OrdinalIgnoreCase)) ? new(plain, null, model.Generation) : throw Unknown(name, configuration, key);
    }

    private static bool IsKnown(string name) => name is "linear" or "relu" or "relu6" or "elu" or "selu" or "softplus" or "softsign" or "tanh" or "sigmoid" or "exponential" or "softmax" or "log_softmax"
        or "leaky_relu" or "swish" or "silu" or "hard_sigmoid" or "hard_silu" or "hard_swish" or "gelu" or "mish" or "celu" or "glu" or "squareplus" or "hard_shrink" or "soft_shrink" or "tanh_shrink"
        or "sparse_plus" or "hard_tanh" or "log_sigmoid" or "sparsemax" or "sparse_sigmoid";

    private static KerasException Unknown(string name, ConfigurationObject configuration, string key) =>
        new(KerasDiagnostics.UnknownClass, $"{configuration.Owner}: {key} '{name}' is not known", KerasDiagnostics.ExportAdvice);

    private static Symbol HardSigmoid(GraphBuilder graph, Symbol x, int generation)
    {
        if (generation == 3)
            return graph.Divide(graph.Unary("Relu6", graph.Add(x, 3)), 6);
        return graph.Clip(graph.Add(graph.Multiply(x, 0.2), 0.5), 0, 1);
    }

    private static Symbol SquarePlus(GraphBuilder graph, Symbol x)
    {
        Symbol root = graph.Unary("Sqrt", graph.Add(graph.Unary("Square", x), 4));
        return graph.Divide(graph.Add(x, root), 2);
    }

    private static Symbol SparsePlus(GraphBuilder graph, Symbol x)
    {
        Symbol low = graph.Compare("LessEqual", x, graph.Scalar("LessEqual/y", x.Type, -1));
        Symbol high = graph.Compare("GreaterEqual", x, graph.Scalar("GreaterEqual/y", x.Type, 1));
        Symbol middle = graph.Multiply(graph.Unary("Square", graph.Add(x, 1)), 0.25);
        return graph.Select(low, graph.Like("ZerosLike", x, "zeros_like"), graph.Select(high, x, middle));
    }

    /// <summary>Keras' sparsemax along the last axis: max(x − τ, 0). Its τ sums the cumulative sums of the support where Martins and Astudillo (2016) take the last of them.</summary>
    private static Symbol Sparsemax(GraphBuilder graph, Symbol x)
    {
        int count = checked((int)x.KnownDimension(-1));
        var sorted = graph.AddMany("TopKV2", "TopKV2", [x.Shape, x.Shape], [x, graph.Int("TopKV2/k", count)], ("sorted", true));
        Symbol sums = graph.Add("Cumsum", "Cumsum", x.Shape, [sorted[0], graph.Int("Cumsum/axis", -1)]);
        Symbol ranks = graph.Vector("range", x.Type, Enumerable.Range(1, count).Select(i => (double)i));
        Symbol inside = graph.Compare("Greater", graph.Add(graph.Multiply(ranks, sorted[0]), 1), sums);
        Symbol support = graph.Reduce("Sum", graph.Cast(inside, x.Type), [-1], keep: true);
        Symbol total = graph.Reduce("Sum", graph.Select(inside, sums, graph.Like("ZerosLike", x, "zeros_like")), [-1], keep: true, "Sum_1");
        Symbol threshold = graph.Divide(graph.Subtract(total, 1), support);
        return graph.Unary("Relu", graph.Subtract(x, threshold));
    }
}
