using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Operators;

/// <summary>Elementwise operators and reductions that are several nodes.</summary>
internal static class CompositeOperators
{
    [KerasOperator("Exp2")]
    public static ImmutableArray<Symbol> Exp2(OperatorCall call)
    {
        Symbol x = call.Floating(call.Tensor(0), "Exp");
        return [call.Graph.Binary("Pow", call.Graph.Scalar("Pow/x", x.Type, 2), x)];
    }

    /// <summary>The cube root, with the sign of the element.</summary>
    [KerasOperator("Cbrt")]
    public static ImmutableArray<Symbol> CubeRoot(OperatorCall call)
    {
        Symbol x = call.Floating(call.Tensor(0), "Pow");
        Symbol root = call.Graph.Binary("Pow", call.Graph.Unary("Abs", x), call.Graph.Scalar("Pow/y", x.Type, 1.0 / 3));
        return [call.Graph.Multiply(call.Graph.Unary("Sign", x), root)];
    }

    [KerasOperator("Deg2rad")]
    public static ImmutableArray<Symbol> Radians(OperatorCall call) => [call.Graph.Multiply(call.Floating(call.Tensor(0), "Mul"), Math.PI / 180)];

    [KerasOperator("Rad2deg")]
    public static ImmutableArray<Symbol> Degrees(OperatorCall call) => [call.Graph.Multiply(call.Floating(call.Tensor(0), "Mul"), 180 / Math.PI)];

    /// <summary>log(eˣ + eʸ).</summary>
    [KerasOperator("Logaddexp")]
    public static ImmutableArray<Symbol> LogAddExp(OperatorCall call)
    {
        GraphBuilder graph = call.Graph;
        (Symbol x, Symbol y) = Floating(call);
        Symbol distance = graph.Unary("Abs", graph.Subtract(x, y));
        return [graph.Add(graph.Binary("Maximum", x, y), graph.Unary("Log1p", graph.Unary("Exp", graph.Unary("Neg", distance))))];
    }

    /// <summary>√(x² + y²).</summary>
    [KerasOperator("Hypot")]
    public static ImmutableArray<Symbol> Hypotenuse(OperatorCall call)
    {
        (Symbol x, Symbol y) = Floating(call);
        return [call.Graph.Unary("Sqrt", call.Graph.Add(call.Graph.Unary("Square", x), call.Graph.Unary("Square", y)))];
    }

    /// <summary>0 below zero, 1 above, the second operand at zero.</summary>
    [KerasOperator("Heaviside")]
    public static ImmutableArray<Symbol> Heaviside(OperatorCall call)
    {
        GraphBuilder graph = call.Graph;
        (Symbol x, Symbol y) = BinaryOperators.Operands(call);
        Symbol zero = graph.Scalar("zero", x.Type, 0);
        Symbol atLeast = graph.Select(graph.Compare("Greater", x, zero), graph.Scalar("one", x.Type, 1), y);
        return [graph.Select(graph.Compare("Less", x, zero), zero, atLeast)];
    }

    /// <summary>Numbers in place of what is none, and of the infinities.</summary>
    [KerasOperator("NanToNum")]
    public static ImmutableArray<Symbol> NanToNumber(OperatorCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Tensor(0);
        if (x.Type is not (DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16))
            return [graph.Unary("Identity", x)];
        double most = x.Type switch
        {
            DataType.Double => double.MaxValue,
            DataType.Half => 65504,
            DataType.BFloat16 => 3.3895313892515355e38,
            _ => float.MaxValue,
        };
        Symbol finite = graph.Select(graph.Unary("IsNan", x), graph.Scalar("nan", x.Type, call.Number(0, 1, "nan")), x);
        finite = graph.Select(Is("Equal", double.PositiveInfinity), graph.Scalar("posinf", x.Type, call.Number(most, 2, "posinf")), finite);
        return [graph.Select(Is("Equal", double.NegativeInfinity), graph.Scalar("neginf", x.Type, call.Number(-most, 3, "neginf")), finite)];

        Symbol Is(string op, double value) => graph.Compare(op, x, graph.Scalar(op + "/y", x.Type, value));
    }

    /// <summary>Differences of neighbours along an axis, several times over.</summary>
    [KerasOperator("Diff")]
    public static ImmutableArray<Symbol> Difference(OperatorCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Tensor(0);
        int axis = Axes.Normalize(call.Integer(2, "axis") ?? -1, x.Rank);
        long times = call.Integer(1, "n") ?? 1;
        if (times is < 0 or > 1 << 10)
            throw KerasException.Configuration($"{times} differences");
        for (long i = 0; i < times; i++)
            x = graph.Subtract(graph.SliceAxis(x, axis, 1, null), graph.SliceAxis(x, axis, 0, -1, "strided_slice_1"));
        return [times == 0 ? graph.Unary("Identity", x) : x];
    }

    [KerasOperator("CountNonzero", "math.count_nonzero")]
    public static ImmutableArray<Symbol> CountNonzero(OperatorCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Tensor(0);
        DataType type = call.Type(call.Generation == 3 ? DataType.Int32 : DataType.Int64, 3, "dtype");
        Symbol counts = graph.Cast(graph.Compare("NotEqual", x, graph.Scalar("NotEqual/y", x.Type, 0)), type);
        return [graph.Reduce("Sum", counts, call.AxesOf(x), call.Flag(false, 2, "keepdims"))];
    }

    /// <summary>The greatest element less the least.</summary>
    [KerasOperator("Ptp")]
    public static ImmutableArray<Symbol> Spread(OperatorCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Tensor(0);
        ImmutableArray<int> axes = call.AxesOf(x);
        bool keeps = call.Flag(false, 2, "keepdims");
        return [graph.Subtract(graph.Reduce("Max", x, axes, keeps), graph.Reduce("Min", x, axes, keeps))];
    }

    /// <summary>The mean, weighted where weights are given: one an element, or one a place of the axis.</summary>
    [KerasOperator("Average")]
    public static ImmutableArray<Symbol> Average(OperatorCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Floating(call.Tensor(0), "Mean");
        ImmutableArray<int> axes = call.AxesOf(x, -1, "axis");
        if (call.Optional(1, x, "weights") is not { } weights)
            return [graph.Reduce("Mean", x, axes)];
        weights = graph.Cast(weights, x.Type);
        if (weights.Rank == 1 && x.Rank > 1)
        {
            if (axes is not [var axis])
                throw KerasException.Configuration("weights of one axis for several");
            weights = graph.Reshape(weights, [.. Enumerable.Range(0, x.Rank).Select(i => new Dimension(i == axis ? x.KnownDimension(axis) : 1))]);
        }
        Symbol total = graph.Reduce("Sum", graph.Multiply(x, weights), axes);
        return [graph.Divide(total, graph.Reduce("Sum", weights, axes, keep: false, "Sum_1"))];
    }

    /// <summary>Mean and variance.</summary>
    [KerasOperator("Moments", "nn.moments")]
    public static ImmutableArray<Symbol> Moments(OperatorCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Tensor(0);
        ImmutableArray<int> axes = call.AxesOf(x);
        (Symbol mean, Symbol variance) = graph.Moments(x, axes);
        return call.Flag(false, 2, "keepdims") ? [mean, variance] : [graph.Squeeze(mean, axes, "moments/Squeeze"), graph.Squeeze(variance, axes, "moments/Squeeze_1")];
    }

    private static (Symbol X, Symbol Y) Floating(OperatorCall call)
    {
        (Symbol x, Symbol y) = BinaryOperators.Operands(call);
        return (call.Floating(x, "Mul"), call.Floating(y, "Mul"));
    }
}
