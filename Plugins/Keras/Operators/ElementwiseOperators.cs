using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Layers;

namespace TransformFramework.Keras.Operators;

/// <summary>Operators of one operand that are one node.</summary>
internal static class UnaryOperators
{
    /// <summary>Names and op.</summary>
    public static readonly ImmutableArray<(string[] Names, string Op)> Table =
    [
        (["Absolute", "Abs", "math.abs", "abs"], "Abs"), (["Negative", "math.negative"], "Neg"), (["Exp", "math.exp"], "Exp"), (["Expm1", "math.expm1"], "Expm1"), (["Log", "math.log"], "Log"), (["Log1p", "math.log1p"], "Log1p"),
        (["Sqrt", "math.sqrt"], "Sqrt"), (["Rsqrt", "math.rsqrt"], "Rsqrt"), (["Square", "math.square"], "Square"), (["Sin", "math.sin"], "Sin"), (["Cos", "math.cos"], "Cos"), (["Tan", "math.tan"], "Tan"),
        (["Arcsin", "math.asin"], "Asin"), (["Arccos", "math.acos"], "Acos"), (["Arctan", "math.atan"], "Atan"), (["Sinh", "math.sinh"], "Sinh"), (["Cosh", "math.cosh"], "Cosh"), (["Tanh", "math.tanh", "nn.tanh"], "Tanh"),
        (["Arcsinh", "math.asinh"], "Asinh"), (["Arccosh", "math.acosh"], "Acosh"), (["Arctanh", "math.atanh"], "Atanh"), (["Erf", "math.erf"], "Erf"), (["math.erfc"], "Erfc"), (["Sigmoid", "math.sigmoid", "nn.sigmoid"], "Sigmoid"),
        (["Softplus", "math.softplus", "nn.softplus"], "Softplus"), (["Softsign", "nn.softsign", "math.softsign"], "Softsign"), (["Relu", "nn.relu"], "Relu"), (["Relu6", "nn.relu6"], "Relu6"), (["Selu", "nn.selu"], "Selu"),
        (["Floor", "math.floor"], "Floor"), (["Ceil", "math.ceil"], "Ceil"), (["math.rint"], "Rint"), (["Trunc"], "Trunc"), (["Sign", "math.sign"], "Sign"), (["Reciprocal", "math.reciprocal"], "Reciprocal"),
        (["Identity", "identity"], "Identity"), (["StopGradient", "stop_gradient"], "StopGradient"), (["LogicalNot", "math.logical_not"], "LogicalNot"), (["math.lgamma"], "Lgamma"), (["math.digamma"], "Digamma"),
        (["Erfinv", "math.erfinv"], "Erfinv"), (["BitwiseInvert", "BitwiseNot"], "Invert"), (["Fabs"], "Abs"),
    ];
}

/// <summary>Operators of two operands that are one node.</summary>
internal static class BinaryOperators
{
    /// <summary>Names and op.</summary>
    public static readonly ImmutableArray<(string[] Names, string Op)> Table =
    [
        (["Add", "math.add", "__operators__.add", "add"], "AddV2"), (["Subtract", "math.subtract", "subtract"], "Sub"), (["Multiply", "math.multiply", "multiply"], "Mul"), (["TrueDivide", "Divide", "math.truediv", "math.divide", "divide", "compat.v1.div"], "RealDiv"),
        (["FloorDivide", "math.floordiv"], "FloorDiv"), (["Mod", "Remainder", "math.floormod", "math.mod"], "FloorMod"), (["Power", "math.pow", "pow"], "Pow"), (["Maximum", "math.maximum", "maximum"], "Maximum"), (["Minimum", "math.minimum", "minimum"], "Minimum"),
        (["DivideNoNan", "math.divide_no_nan"], "DivNoNan"), (["math.multiply_no_nan"], "MulNoNan"), (["math.squared_difference", "SquaredDifference"], "SquaredDifference"), (["Arctan2", "math.atan2"], "Atan2"),
        (["Greater", "math.greater", "greater"], "Greater"), (["GreaterEqual", "math.greater_equal", "greater_equal"], "GreaterEqual"), (["Less", "math.less", "less"], "Less"), (["LessEqual", "math.less_equal", "less_equal"], "LessEqual"),
        (["Equal", "math.equal", "__operators__.eq", "equal"], "Equal"), (["NotEqual", "math.not_equal", "__operators__.ne", "not_equal"], "NotEqual"),
        (["LogicalAnd", "math.logical_and"], "LogicalAnd"), (["LogicalOr", "math.logical_or"], "LogicalOr"),
        (["BitwiseAnd"], "BitwiseAnd"), (["BitwiseOr"], "BitwiseOr"), (["BitwiseXor"], "BitwiseXor"), (["BitwiseLeftShift", "LeftShift"], "LeftShift"), (["math.xlogy"], "Xlogy"), (["math.xdivy"], "Xdivy"),
    ];

    /// <summary>The node, both operands of one type.</summary>
    public static ImmutableArray<Symbol> Apply(OperatorCall call, string op)
    {
        (Symbol x, Symbol y) = Operands(call);
        bool isQuotient = op is "RealDiv" or "DivNoNan" or "Atan2";
        if (isQuotient && !x.IsFloating)
            (x, y) = (call.Graph.Cast(x, DataType.Float), call.Graph.Cast(y, DataType.Float, "Cast_1"));
        if (op is "LogicalAnd" or "LogicalOr")
            (x, y) = (call.Graph.Cast(x, DataType.Bool), call.Graph.Cast(y, DataType.Bool, "Cast_1"));
        return [call.Graph.Binary(op, x, y)];
    }

    /// <summary>Two operands of one type: a constant takes the tensor's, of two tensors the wider counts.</summary>
    public static (Symbol X, Symbol Y) Operands(OperatorCall call)
    {
        Symbol? second = call.Find(1, "y", "x2", "b", "other") is TensorArgument tensor ? tensor.Value : null;
        Symbol x = call.Tensor(0, second);
        Symbol y = call.Tensor(1, x, "y", "x2", "b", "other");
        return call.Graph.Unify(x, y);
    }
}

/// <summary>Elementwise operators of several nodes or arguments.</summary>
internal static class ElementwiseOperators
{
    [KerasOperator("math.add_n", "add_n")]
    public static ImmutableArray<Symbol> AddN(OperatorCall call)
    {
        ImmutableArray<Symbol> inputs = call.Tensors();
        return inputs.Length == 1 ? [call.Graph.Unary("Identity", inputs[0])] : [call.Graph.Add("AddN", "AddN", inputs[0].Shape, inputs)];
    }

    [KerasOperator("Clip", "clip_by_value")]
    public static ImmutableArray<Symbol> Clip(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        Symbol low = call.Tensor(1, x, "x_min", "clip_value_min");
        Symbol high = call.Tensor(2, x, "x_max", "clip_value_max");
        Symbol upper = call.Graph.Binary("Minimum", x, call.Graph.Cast(high, x.Type), "clip_by_value/Minimum");
        return [call.Graph.Binary("Maximum", upper, call.Graph.Cast(low, x.Type), "clip_by_value")];
    }

    [KerasOperator("Round", "math.round")]
    public static ImmutableArray<Symbol> Round(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        long decimals = call.Integer(1, "decimals") ?? 0;
        if (decimals == 0)
            return [x.IsFloating ? call.Graph.Unary("Round", x) : call.Graph.Unary("Identity", x)];
        double factor = Math.Pow(10, decimals);
        return [call.Graph.Divide(call.Graph.Unary("Round", call.Graph.Multiply(x, factor)), factor)];
    }

    [KerasOperator("Where", "where", "SelectV2")]
    public static ImmutableArray<Symbol> Where(OperatorCall call)
    {
        Symbol condition = call.Tensor(0, null, "condition");
        Symbol? other = call.Find(2, "x2", "y") is TensorArgument tensor ? tensor.Value : null;
        bool isKeyword = call.Arguments.Named.ContainsKey("x");
        if (call.Find(1, "x1", "x") is null)
            throw KerasException.Option("where without values has no shape");
        Symbol x = isKeyword ? call.Tensor(-1, other, "x") : call.Tensor(1, other, "x1");
        Symbol y = call.Tensor(2, x, "x2", "y");
        (x, y) = call.Graph.Unify(x, y);
        return [call.Graph.Select(call.Graph.Cast(condition, DataType.Bool), x, y)];
    }

    [KerasOperator("LogicalXor", "math.logical_xor")]
    public static ImmutableArray<Symbol> Xor(OperatorCall call)
    {
        (Symbol x, Symbol y) = BinaryOperators.Operands(call);
        return [call.Graph.Compare("NotEqual", call.Graph.Cast(x, DataType.Bool), call.Graph.Cast(y, DataType.Bool))];
    }

    [KerasOperator("Cast", "cast", "compat.v1.cast")]
    public static ImmutableArray<Symbol> Cast(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        DataType type = call.Type(x.Type, 1, "dtype");
        return [x.Type == type ? call.Graph.Unary("Identity", x) : call.Graph.Cast(x, type)];
    }

    [KerasOperator("OnesLike", "ones_like", "compat.v1.ones_like")]
    public static ImmutableArray<Symbol> OnesLike(OperatorCall call) => [call.Graph.Unary("OnesLike", Typed(call))];

    [KerasOperator("ZerosLike", "zeros_like", "compat.v1.zeros_like")]
    public static ImmutableArray<Symbol> ZerosLike(OperatorCall call) => [call.Graph.Unary("ZerosLike", Typed(call))];

    [KerasOperator("FullLike", "fill_like")]
    public static ImmutableArray<Symbol> FullLike(OperatorCall call)
    {
        Symbol x = Typed(call);
        return [call.Graph.Multiply(call.Graph.Unary("OnesLike", x), call.Graph.Cast(call.Tensor(1, x, "fill_value"), x.Type))];
    }

    [KerasOperator("Log2")]
    public static ImmutableArray<Symbol> Log2(OperatorCall call) => [call.Graph.Divide(call.Graph.Unary("Log", call.Floating(call.Tensor(0), "Log")), Math.Log(2))];

    [KerasOperator("Log10")]
    public static ImmutableArray<Symbol> Log10(OperatorCall call) => [call.Graph.Divide(call.Graph.Unary("Log", call.Floating(call.Tensor(0), "Log")), Math.Log(10))];

    [KerasOperator("Isnan", "math.is_nan")]
    public static ImmutableArray<Symbol> IsNan(OperatorCall call) => [call.Graph.Unary("IsNan", call.Tensor(0))];

    [KerasOperator("Isfinite", "math.is_finite")]
    public static ImmutableArray<Symbol> IsFinite(OperatorCall call) => [call.Graph.Unary("IsFinite", call.Tensor(0))];

    [KerasOperator("Isinf", "math.is_inf")]
    public static ImmutableArray<Symbol> IsInf(OperatorCall call) => [call.Graph.Unary("IsInf", call.Tensor(0))];

    private static Symbol Typed(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        return call.Graph.Cast(x, call.Type(x.Type, -1, "dtype"));
    }
}
