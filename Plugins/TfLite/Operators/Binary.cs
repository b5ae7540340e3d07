using System.Collections.Frozen;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>Operators of two inputs that one op computes element by element, with broadcasting; ADD, SUB, MUL, DIV with a fused activation.</summary>
[OperatorConverter("ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "POW", "FLOOR_DIV", "FLOOR_MOD", "ATAN2", "EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS",
    "LESS_EQUAL", "LOGICAL_AND", "LOGICAL_OR", "BITWISE_XOR", "RIGHT_SHIFT", "STABLEHLO_ADD", "STABLEHLO_MULTIPLY", "STABLEHLO_MAXIMUM", "STABLEHLO_MINIMUM",
    Nodes = ["Add", "AddV2", "Sub", "Mul", "RealDiv", "Div", "TruncateDiv", "Maximum", "Minimum", "SquaredDifference", "Pow", "FloorDiv", "FloorMod", "Mod", "Atan2", "Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual",
        "LogicalAnd", "LogicalOr", "BitwiseXor", "RightShift", "DivNoNan"])]
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

    private const int MostDimensions = 4;

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

    public override void Write(NodeWriter node)
    {
        TensorDraft left = node.In(0);
        TensorDraft right = node.In(1);
        if (left.Type == TensorType.String)
            throw node.Decline("strings have no counterpart");
        if (node.Node.Op == "BitwiseXor" && QuantizedConversions.TryWriteFlip(node))
            return;
        if (node.Node.Op == "Mul" && QuantizedConversions.TryWriteUnits(node, left, right))
            return;
        string name = node.Node.Op switch
        {
            "Add" => "ADD",
            "Div" or "TruncateDiv" => "DIV",
            "Mod" => throw node.Decline("its remainders of negative numbers have no counterpart"),
            "DivNoNan" => "DIV",
            var op => Nodes.First(entry => entry.Value == op && !entry.Key.StartsWith("STABLEHLO", StringComparison.Ordinal)).Key,
        };
        if (left.Type == TensorType.Int64 && name is "DIV" or "FLOOR_DIV")
            throw node.Decline($"{name} does not compute int64", "Cast it to int32 before.");
        if (left.Type == TensorType.Int64 && name == "SQUARED_DIFFERENCE")
        {
            TensorDraft difference = node.Emit("SUB", [left, right]);
            node.Out(node.Emit("MUL", [difference, difference]));
            return;
        }
        if (name == "ATAN2" && !left.Shape.SequenceEqual(right.Shape))
            (left, right) = (Broadcast(node, left, right), Broadcast(node, right, left));
        TensorType type = left.Type;
        bool isNarrow = type is TensorType.UInt8 or TensorType.Int8 or TensorType.Int16;
        if (isNarrow)
            (left, right) = (Cast(node, left, TensorType.Int32), Cast(node, right, TensorType.Int32));
        bool isTruth = name is "EQUAL" or "NOT_EQUAL" or "GREATER" or "GREATER_EQUAL" or "LESS" or "LESS_EQUAL" or "LOGICAL_AND" or "LOGICAL_OR";
        TensorDraft result = Broadcasting(node, name, left, right, isTruth ? TensorType.Bool : left.Type);
        if (node.Node.Op == "DivNoNan")
            result = node.Emit("SELECT_V2", [node.Emit("EQUAL", [right, node.Constant(0f)], TensorType.Bool), node.Constant(0f), result], left.Type);
        node.Out(isNarrow && !isTruth ? Cast(node, result, type) : result);
    }

    /// <summary>Adds an operator of two inputs, of which one may have dimensions that the other has not.</summary>
    public static TensorDraft Broadcasting(NodeWriter node, string name, TensorDraft left, TensorDraft right, TensorType type)
    {
        bool isDeep = Math.Max(left.Rank, right.Rank) > MostDimensions && left.Type != TensorType.Float32 && !left.Shape.SequenceEqual(right.Shape);
        return isDeep ? Collapsed(node, name, left, right, type) : node.Emit(name, [left, right], type);
    }

    /// <summary>Neighbouring dimensions of which both tensors have all or one has none are one: interpreters broadcast integers over four dimensions at most, and end over more.</summary>
    private static TensorDraft Collapsed(NodeWriter node, string name, TensorDraft left, TensorDraft right, TensorType type)
    {
        if (!left.Signature.IsEmpty || !right.Signature.IsEmpty)
            throw node.Decline("inputs of more than four dimensions and different shapes must have known ones");
        int rank = Math.Max(left.Rank, right.Rank);
        int Size(TensorDraft tensor, int axis) => axis < rank - tensor.Rank ? 1 : tensor.Shape[axis - rank + tensor.Rank];
        var sizes = new List<(long Left, long Right)>();
        for (int axis = 0; axis < rank; axis++)
        {
            var (one, other) = (Size(left, axis), Size(right, axis));
            bool isLike = sizes.Count > 0 && (one == 1 && other == 1 || (sizes[^1].Left == 1 && sizes[^1].Right == 1) || ((one == other) == (sizes[^1].Left == sizes[^1].Right) && (one == 1) == (sizes[^1].Left == 1) && (other == 1) == (sizes[^1].Right == 1)));
            if (isLike)
                sizes[^1] = (sizes[^1].Left * one, sizes[^1].Right * other);
            else
                sizes.Add((one, other));
        }
        if (sizes.Count > MostDimensions)
            throw node.Decline("integers are not broadcast over more than four dimensions");
        TensorDraft flatLeft = node.Emit("RESHAPE", [left, node.Int32Constant([.. sizes.Select(size => size.Left)])]);
        TensorDraft flatRight = node.Emit("RESHAPE", [right, node.Int32Constant([.. sizes.Select(size => size.Right)])]);
        TensorDraft result = node.Emit(name, [flatLeft, flatRight], type);
        return node.Emit("RESHAPE", [result, node.Int32Constant([.. Enumerable.Range(0, rank).Select(axis => (long)(Size(left, axis) == 1 ? Size(right, axis) : Size(left, axis)))])]);
    }

    /// <summary>Integers of 8 and 16 bits that are no quantized values are computed in 32 bits: kernels take them for quantized ones.</summary>
    private static TensorDraft Cast(NodeWriter node, TensorDraft tensor, TensorType type) => node.Emit("CAST", [tensor], type, ("in_data_type", (int)tensor.Type), ("out_data_type", (int)type));

    /// <summary>A tensor in the shape of an operation with another, for an operator that does not broadcast.</summary>
    private static TensorDraft Broadcast(NodeWriter node, TensorDraft tensor, TensorDraft other)
    {
        if (!tensor.Signature.IsEmpty || !other.Signature.IsEmpty)
            throw node.Decline("inputs of different shapes must have known ones");
        int rank = Math.Max(tensor.Rank, other.Rank);
        long Size(int[] shape, int axis) => axis < rank - shape.Length ? 1 : shape[axis - rank + shape.Length];
        long[] shape = [.. Enumerable.Range(0, rank).Select(axis => Size(tensor.Shape, axis) == 1 ? Size(other.Shape, axis) : Size(tensor.Shape, axis))];
        return node.Emit("BROADCAST_TO", [tensor, node.Int32Constant(shape)]);
    }
}
