using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Operators;

/// <summary>Operators that reduce or order along axes.</summary>
internal static class ReductionOperators
{
    [KerasOperator("Sum", "math.reduce_sum", "reduce_sum")]
    public static ImmutableArray<Symbol> Sum(OperatorCall call) => [Reduce(call, "Sum")];

    [KerasOperator("Mean", "math.reduce_mean", "reduce_mean")]
    public static ImmutableArray<Symbol> Mean(OperatorCall call) => [Reduce(call, "Mean")];

    [KerasOperator("Max", "Amax", "math.reduce_max", "reduce_max")]
    public static ImmutableArray<Symbol> Max(OperatorCall call) => [Reduce(call, "Max")];

    [KerasOperator("Min", "Amin", "math.reduce_min", "reduce_min")]
    public static ImmutableArray<Symbol> Min(OperatorCall call) => [Reduce(call, "Min")];

    [KerasOperator("Prod", "math.reduce_prod", "reduce_prod")]
    public static ImmutableArray<Symbol> Prod(OperatorCall call) => [Reduce(call, "Prod")];

    [KerasOperator("Any", "math.reduce_any", "reduce_any")]
    public static ImmutableArray<Symbol> Any(OperatorCall call) => [Reduce(call, "Any")];

    [KerasOperator("All", "math.reduce_all", "reduce_all")]
    public static ImmutableArray<Symbol> All(OperatorCall call) => [Reduce(call, "All")];

    [KerasOperator("Var", "math.reduce_variance")]
    public static ImmutableArray<Symbol> Var(OperatorCall call) => [Variance(call)];

    [KerasOperator("Std", "math.reduce_std")]
    public static ImmutableArray<Symbol> Std(OperatorCall call) => [call.Graph.Unary("Sqrt", Variance(call))];

    [KerasOperator("Logsumexp", "math.reduce_logsumexp", "reduce_logsumexp")]
    public static ImmutableArray<Symbol> LogSumExp(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        ImmutableArray<int> axes = call.AxesOf(x);
        Symbol highest = call.Graph.Reduce("Max", x, axes, keep: true);
        Symbol sum = call.Graph.Reduce("Sum", call.Graph.Unary("Exp", call.Graph.Subtract(x, highest)), axes, keep: true);
        Symbol y = call.Graph.Add(call.Graph.Unary("Log", sum), highest);
        return [Keeps(call) ? y : call.Graph.Squeeze(y, axes)];
    }

    [KerasOperator("Norm", "compat.v1.norm", "norm", "linalg.norm")]
    public static ImmutableArray<Symbol> Norm(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        if (call.Text("euclidean", -1, "ord") is not ("euclidean" or "fro") || call.Number(2, -1, "ord") != 2)
            throw KerasException.Option("a norm of another order than 2");
        Symbol sum = call.Graph.Reduce("Sum", call.Graph.Multiply(x, x), call.AxesOf(x, -1), Keeps(call));
        return [call.Graph.Unary("Sqrt", sum)];
    }

    [KerasOperator("Argmax", "math.argmax", "argmax")]
    public static ImmutableArray<Symbol> ArgMax(OperatorCall call) => [Arg(call, "ArgMax")];

    [KerasOperator("Argmin", "math.argmin", "argmin")]
    public static ImmutableArray<Symbol> ArgMin(OperatorCall call) => [Arg(call, "ArgMin")];

    [KerasOperator("Cumsum", "math.cumsum", "cumsum")]
    public static ImmutableArray<Symbol> CumSum(OperatorCall call) => [Cumulative(call, "Cumsum")];

    [KerasOperator("Cumprod", "math.cumprod")]
    public static ImmutableArray<Symbol> CumProd(OperatorCall call) => [Cumulative(call, "Cumprod")];

    [KerasOperator("TopK", "math.top_k", "nn.top_k")]
    public static ImmutableArray<Symbol> TopK(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        long count = call.Integer(1, "k") ?? 1;
        if (count < 1 || (x.Dimension(-1) >= 0 && count > x.Dimension(-1)))
            throw KerasException.Configuration($"the {count} largest of {x.Shape}");
        TensorShape shape = x.Shape.With(x.Rank - 1, count);
        return call.Graph.AddMany("TopKV2", "TopKV2", [shape, shape], [x, call.Graph.Int("TopKV2/k", count)], ("sorted", call.Flag(true, 2, "sorted")));
    }

    private static bool Keeps(OperatorCall call) => call.Flag(false, 2, "keepdims", "keep_dims");

    private static Symbol Reduce(OperatorCall call, string op)
    {
        Symbol x = call.Tensor(0);
        if (op is "Any" or "All")
            x = call.Graph.Cast(x, DataType.Bool);
        else if (x.Type == DataType.Bool)
            x = call.Graph.Cast(x, DataType.Int32);
        if (op == "Mean" && call.Generation == 3 && !x.IsFloating)
            x = call.Graph.Cast(x, DataType.Float);
        return call.Graph.Reduce(op, x, call.AxesOf(x), Keeps(call));
    }

    /// <summary>The mean of squared distances from the mean.</summary>
    private static Symbol Variance(OperatorCall call)
    {
        Symbol x = call.Floating(call.Tensor(0), "Mean");
        ImmutableArray<int> axes = call.AxesOf(x);
        Symbol distance = call.Graph.Subtract(x, call.Graph.Reduce("Mean", x, axes, keep: true));
        return call.Graph.Reduce("Mean", call.Graph.Unary("Square", distance), axes, Keeps(call), "Mean_1");
    }

    private static Symbol Arg(OperatorCall call, string op)
    {
        Symbol x = call.Tensor(0);
        DataType type = call.Type(call.Generation == 3 ? DataType.Int32 : DataType.Int64, -1, "output_type");
        bool flat = call.Generation == 3 && call.Integer(1, "axis") is null;
        int axis = flat ? 0 : (int)(call.Integer(1, "axis", "dimension") ?? 0);
        Symbol y = call.Graph.ArgExtreme(op, flat ? call.Graph.Reshape(x, [-1]) : x, axis, type);
        return Keeps(call) && !flat ? call.Graph.ExpandDims(y, axis) : y;
    }

    private static Symbol Cumulative(OperatorCall call, string op)
    {
        Symbol x = call.Tensor(0);
        if (call.Generation == 3 && call.Integer(1, "axis") is null)
            x = call.Graph.Reshape(x, [-1]);
        long axis = call.Integer(1, "axis") ?? 0;
        Axes.Normalize(axis, x.Rank);
        return call.Graph.Add(op, op, x.Shape, [x, call.Graph.Int(op + "/axis", axis)], ("exclusive", call.Flag(false, -1, "exclusive")), ("reverse", call.Flag(false, -1, "reverse")));
    }
}
