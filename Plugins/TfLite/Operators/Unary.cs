using System.Collections.Frozen;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>Operators of one input that one op computes element by element.</summary>
[OperatorConverter("ABS", "CEIL", "COMPLEX_ABS", "COS", "ELU", "EXP", "FLOOR", "IMAG", "LOG", "LOGICAL_NOT", "LOGISTIC", "NEG", "REAL", "RELU", "RELU6", "ROUND", "RSQRT", "SIGN", "SIN", "SQRT", "SQUARE", "TANH", "ZEROS_LIKE",
    Nodes = ["Abs", "Ceil", "ComplexAbs", "Cos", "Elu", "Exp", "Floor", "Imag", "Log", "LogicalNot", "Sigmoid", "Neg", "Real", "Relu", "Relu6", "Round", "Rint", "Rsqrt", "Sign", "Sin", "Sqrt", "Square", "Tanh", "ZerosLike",
        "OnesLike", "Reciprocal", "Inv", "Log1p", "Expm1", "Softsign", "Softplus", "Selu", "IsNan"])]
internal sealed class Unary : OperatorConverter
{
    public static readonly FrozenDictionary<string, string> Nodes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ABS"] = "Abs",
        ["CEIL"] = "Ceil",
        ["COMPLEX_ABS"] = "ComplexAbs",
        ["COS"] = "Cos",
        ["ELU"] = "Elu",
        ["EXP"] = "Exp",
        ["FLOOR"] = "Floor",
        ["IMAG"] = "Imag",
        ["LOG"] = "Log",
        ["LOGICAL_NOT"] = "LogicalNot",
        ["LOGISTIC"] = "Sigmoid",
        ["NEG"] = "Neg",
        ["REAL"] = "Real",
        ["RELU"] = "Relu",
        ["RELU6"] = "Relu6",
        ["ROUND"] = "Round",
        ["RSQRT"] = "Rsqrt",
        ["SIGN"] = "Sign",
        ["SIN"] = "Sin",
        ["SQRT"] = "Sqrt",
        ["SQUARE"] = "Square",
        ["TANH"] = "Tanh",
        ["ZEROS_LIKE"] = "ZerosLike",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public override void Read(OperatorReader op)
    {
        bool isInt16 = op.Input(0).Tensor is { Type: TensorType.Int16, Quantization: not null } && op.Output().Tensor is { Type: TensorType.Int16, Quantization: not null };
        if (isInt16 && op.Name is ("EXP" or "RSQRT"))
            op.Output().DefineStored(Table16.Apply(op, op.Name == "EXP" ? MathF.Exp : x => 1 / MathF.Sqrt(x)));
        else
            op.Result(op.Node(Nodes[op.Name], [op.Real(0)]));
    }

    public override void Write(NodeWriter node)
    {
        TensorDraft x = node.In(0);
        string? name = node.Node.Op == "Rint" ? "ROUND" : Nodes.FirstOrDefault(entry => entry.Value == node.Node.Op).Key;
        if (x.Type is TensorType.Int32 or TensorType.Int64 && TryWriteOfIntegers(node, x))
            return;
        bool isReal = node.Node.Op is "Real" or "Imag" or "ComplexAbs";
        node.Out(name is not null ? node.Emit(name, [x], isReal ? TensorType.Float32 : x.Type) : Compose(node, x));
    }

    /// <summary>Functions of integers that the operator of their name does not compute.</summary>
    private static bool TryWriteOfIntegers(NodeWriter node, TensorDraft x)
    {
        if (node.Node.Op == "Square")
            node.Out(node.Emit("MUL", [x, x]));
        else if (node.Node.Op == "Abs" && x.Type == TensorType.Int64)
            node.Out(node.Emit("MAXIMUM", [x, node.Emit("NEG", [x])]));
        else if (node.Node.Op == "Sign" && x.Type == TensorType.Int64)
            throw node.Decline("SIGN does not compute int64", "Cast it to int32 before.");
        else
            return false;
        return true;
    }

    private static TensorDraft Compose(NodeWriter node, TensorDraft x)
    {
        TensorDraft one = node.Node.Op is "IsNan" or "OnesLike" ? x : node.Constant(1f);
        switch (node.Node.Op)
        {
            case "OnesLike":
                return node.Emit("ADD", [node.Emit("ZEROS_LIKE", [x]), One(node, x.Type)]);
            case "Reciprocal" or "Inv":
                return node.Emit("DIV", [one, x]);
            case "Log1p":
                return node.Emit("LOG", [node.Emit("ADD", [x, one])]);
            case "Expm1":
                return node.Emit("SUB", [node.Emit("EXP", [x]), one]);
            case "Softsign":
                return node.Emit("DIV", [x, node.Emit("ADD", [node.Emit("ABS", [x]), one])]);
            case "IsNan":
                return node.Emit("NOT_EQUAL", [x, x], TensorType.Bool);
            case "Softplus":
                TensorDraft decay = node.Emit("EXP", [node.Emit("NEG", [node.Emit("ABS", [x])])]);
                return node.Emit("ADD", [node.Emit("RELU", [x]), node.Emit("LOG", [node.Emit("ADD", [decay, one])])]);
            default:
                TensorDraft positive = node.Emit("MUL", [node.Emit("RELU", [x]), node.Constant(SeluScale)]);
                TensorDraft negative = node.Emit("ELU", [node.Emit("MINIMUM", [x, node.Constant(0f)])]);
                return node.Emit("ADD", [positive, node.Emit("MUL", [negative, node.Constant(SeluScale * SeluAlpha)])]);
        }
    }

    private static TensorDraft One(NodeWriter node, TensorType type) => type switch
    {
        TensorType.Float32 => node.Constant(1f),
        TensorType.Int32 => node.Constant(Tensor.Scalar(1)),
        TensorType.Int64 => node.Constant(Tensor.Create<long>(DataType.Int64, TensorShape.Scalar, [1L])),
        _ => throw node.Decline("only ones of float, int32 and int64 are written"),
    };

    private const float SeluScale = 1.05070098735548049342f;
    private const float SeluAlpha = 1.67326324235437728482f;
}
