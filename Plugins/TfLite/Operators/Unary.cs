using System.Collections.Frozen;
using TransformFramework.TfLite.Reading;

namespace TransformFramework.TfLite.Operators;

/// <summary>Operators of one input that one op computes element by element.</summary>
[OperatorConverter("ABS", "CEIL", "COMPLEX_ABS", "COS", "ELU", "EXP", "FLOOR", "IMAG", "LOG", "LOGICAL_NOT", "LOGISTIC", "NEG", "REAL", "RELU", "RELU6", "ROUND", "RSQRT", "SIGN", "SIN", "SQRT", "SQUARE", "TANH", "ZEROS_LIKE")]
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

    public override void Read(OperatorReader op) => op.Result(op.Node(Nodes[op.Name], [op.Real(0)]));
}
