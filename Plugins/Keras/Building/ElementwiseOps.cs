using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Building;

/// <summary>Elementwise nodes.</summary>
internal static class ElementwiseOps
{
    /// <summary>A node of one operand whose output has its shape.</summary>
    public static Symbol Unary(this GraphBuilder graph, string op, Symbol x, string? name = null, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        graph.Add(op, name ?? op, x.Shape, [x], attributes);

    /// <summary>A node of two operands that broadcast.</summary>
    public static Symbol Binary(this GraphBuilder graph, string op, Symbol x, Symbol y, string? name = null)
    {
        if (x.Type != y.Type)
            throw KerasException.Configuration($"{op} of a {x.Type.Name()} and a {y.Type.Name()} tensor");
        return graph.Add(op, name ?? op, Axes.Broadcast(x.Shape, y.Shape), [x, y]);
    }

    public static Symbol Add(this GraphBuilder graph, Symbol x, Symbol y, string name = "add") => graph.Binary("AddV2", x, y, name);

    public static Symbol Subtract(this GraphBuilder graph, Symbol x, Symbol y, string name = "sub") => graph.Binary("Sub", x, y, name);

    public static Symbol Multiply(this GraphBuilder graph, Symbol x, Symbol y, string name = "mul") => graph.Binary("Mul", x, y, name);

    public static Symbol Divide(this GraphBuilder graph, Symbol x, Symbol y, string name = "truediv") => graph.Binary("RealDiv", x, y, name);

    /// <summary>x + a number.</summary>
    public static Symbol Add(this GraphBuilder graph, Symbol x, double y, string name = "add") => graph.Add(x, graph.Scalar(name + "/y", x.Type, y), name);

    /// <summary>x − a number.</summary>
    public static Symbol Subtract(this GraphBuilder graph, Symbol x, double y, string name = "sub") => graph.Subtract(x, graph.Scalar(name + "/y", x.Type, y), name);

    /// <summary>x · a number.</summary>
    public static Symbol Multiply(this GraphBuilder graph, Symbol x, double y, string name = "mul") => graph.Multiply(x, graph.Scalar(name + "/y", x.Type, y), name);

    /// <summary>x / a number.</summary>
    public static Symbol Divide(this GraphBuilder graph, Symbol x, double y, string name = "truediv") => graph.Divide(x, graph.Scalar(name + "/y", x.Type, y), name);

    /// <summary>A number − x.</summary>
    public static Symbol SubtractFrom(this GraphBuilder graph, double x, Symbol y, string name = "sub") => graph.Subtract(graph.Scalar(name + "/x", y.Type, x), y, name);

    /// <summary>A comparison.</summary>
    public static Symbol Compare(this GraphBuilder graph, string op, Symbol x, Symbol y, string? name = null) => graph.Binary(op, x, y, name);

    /// <summary>A conversion; the same symbol when it has the type.</summary>
    public static Symbol Cast(this GraphBuilder graph, Symbol x, DataType type, string name = "Cast")
    {
        if (x.Type == type)
            return x;
        if (x.Type == DataType.String || type == DataType.String)
            throw KerasException.Configuration($"a {x.Type.Name()} tensor cannot become {type.Name()}");
        return graph.Add("Cast", name, x.Shape, [x], ("DstT", type)) with { Mask = x.Mask };
    }

    /// <summary>Picks from two tensors, all three broadcasting.</summary>
    public static Symbol Select(this GraphBuilder graph, Symbol condition, Symbol x, Symbol y, string name = "SelectV2") =>
        graph.Add("SelectV2", name, Axes.Broadcast(condition.Shape, Axes.Broadcast(x.Shape, y.Shape)), [condition, x, y]);

    /// <summary>Zeros or ones of a shape that is known, or that of a tensor.</summary>
    public static Symbol Like(this GraphBuilder graph, string op, Symbol x, string? name = null) => graph.Unary(op, x, name);

    /// <summary>A constant of the value broadcast to what <paramref name="shape"/> says.</summary>
    public static Symbol Fill(this GraphBuilder graph, Symbol shape, Symbol value, TensorShape known, string name = "zeros") =>
        graph.Add("Fill", name, known, [shape, value], ("index_type", DataType.Int32));

    /// <summary>Values between two numbers: Minimum, then Maximum, as <c>tf.clip_by_value</c>.</summary>
    public static Symbol Clip(this GraphBuilder graph, Symbol x, double low, double high, string name = "clip_by_value")
    {
        Symbol upper = graph.Binary("Minimum", x, graph.Scalar(name + "/Minimum/y", x.Type, high), name + "/Minimum");
        return graph.Binary("Maximum", upper, graph.Scalar(name + "/y", x.Type, low), name);
    }

    /// <summary>The sum of several tensors, two at a time from the left.</summary>
    public static Symbol Fold(this GraphBuilder graph, string op, ImmutableArray<Symbol> inputs, string name)
    {
        Symbol result = inputs[0];
        for (int i = 1; i < inputs.Length; i++)
            result = graph.Binary(op, result, inputs[i], name);
        return result;
    }
}
