using System.Collections.Frozen;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Operators;

/// <summary>Operators of two inputs that one op computes element by element, with broadcasting; ADD, SUB, MUL, DIV with a fused activation.</summary>
[OperatorConverter("ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "POW", "FLOOR_DIV", "FLOOR_MOD", "ATAN2", "EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS",
    "LESS_EQUAL", "LOGICAL_AND", "LOGICAL_OR", "BITWISE_XOR", "RIGHT_SHIFT", "STABLEHLO_ADD", "STABLEHLO_MULTIPLY", "STABLEHLO_MAXIMUM", "STABLEHLO_MINIMUM")]
internal sealed class Binary : OperatorConverter
{
    public static readonly FrozenDictionary<string, string> Nodes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ADD"] = "AddV2",
        ["SUB"] = "Sub",
        ["MUL"] = "Mul",
        ["DIV"] = "RealDiv",
        ["MAXIMUM"] = "Maximum",
        ["MINIMUM"] = "Minimum",
        ["SQUARED_DIFFERENCE"] = "SquaredDifference",
        ["POW"] = "Pow",
        ["FLOOR_DIV"] = "FloorDiv",
        ["FLOOR_MOD"] = "FloorMod",
        ["ATAN2"] = "Atan2",
        ["EQUAL"] = "Equal",
        ["NOT_EQUAL"] = "NotEqual",
        ["GREATER"] = "Greater",
        ["GREATER_EQUAL"] = "GreaterEqual",
        ["LESS"] = "Less",
        ["LESS_EQUAL"] = "LessEqual",
        ["LOGICAL_AND"] = "LogicalAnd",
        ["LOGICAL_OR"] = "LogicalOr",
        ["BITWISE_XOR"] = "BitwiseXor",
        ["RIGHT_SHIFT"] = "RightShift",
        ["STABLEHLO_ADD"] = "AddV2",
        ["STABLEHLO_MULTIPLY"] = "Mul",
        ["STABLEHLO_MAXIMUM"] = "Maximum",
        ["STABLEHLO_MINIMUM"] = "Minimum",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public override void Read(OperatorReader op)
    {
        Value left = op.Real(0);
        Value right = op.Real(1);
        string node = op.Name == "DIV" && left.Type is DataType.Int32 or DataType.Int64 ? "TruncateDiv" : Nodes[op.Name];
        Value result = op.Node(node, [left, right]);
        bool isMoved = op.Name is "MAXIMUM" or "MINIMUM" && HasOneRange(op);
        op.Result(op.Name is "ADD" or "SUB" or "MUL" or "DIV" ? op.Activate(result) : result, isExact: isMoved);
    }

    private static bool HasOneRange(OperatorReader op) =>
        op.Input(0).Tensor.Quantization is { } one && op.Input(1).Tensor.Quantization is { } other && one.Scales.SequenceEqual(other.Scales) && one.ZeroPoints.SequenceEqual(other.ZeroPoints);
}
