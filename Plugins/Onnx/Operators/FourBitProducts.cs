using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;
using TransformFramework.Onnx.Reading;
using TransformFramework.Onnx.Writing;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Onnx.Operators;

/// <summary>
/// MatMulNBits: products with a matrix of 4 bits by groups of inputs. Inputs: data [.., K], values [N, groups, group / 2] (two a byte, the first in the lower half), scales [N · groups], zero points
/// [N · ⌈groups / 2⌉] in the same packing (8 without them), group indices, bias.
/// </summary>
internal static class FourBitProducts
{
    private const int Bits = 4;
    private const float Zero = 8;

    [Infers("MatMulNBits", Domain = Opsets.MicrosoftDomain)]
    public static void Infer(NodeInference node)
    {
        TensorShape data = node[0].Shape;
        node.Set(node[0].Type, data.IsUnknownRank || data.Rank == 0 ? TensorShape.Unknown : TensorShape.Of([.. data.Dimensions.Take(data.Rank - 1), node.Integer("N", -1)]));
    }

    /// <summary>Writes a product with such a matrix.</summary>
    /// <returns>False when it has another one.</returns>
    public static bool TryWrite(NodeWriter node)
    {
        if (FourBitMatrix.OfProduct(node.Graph.Graph, node.Node) is not { } matrix)
            return false;
        Tensor scales = Tensor.FromContent(DataType.Float, TensorShape.Of(matrix.Scales.ElementCount), matrix.Scales.Bytes);
        node.Set(node.EmitOf(Opsets.MicrosoftDomain, "MatMulNBits", [node[0], node.Const(matrix.Packed), node.Const(scales)],
            ("K", (long)matrix.Inputs), ("N", (long)matrix.Columns), ("bits", (long)Bits), ("block_size", (long)matrix.Group)));
        return true;
    }

    [Reads("MatMulNBits", Domain = Opsets.MicrosoftDomain, Declines = "other than 4 bits, group indices, zero points that are not packed, vectors")]
    public static void Read(NodeReader node)
    {
        int group = checked((int)node.Integer("block_size", 0));
        long inputs = node.Integer("K", 0), columns = node.Integer("N", 0);
        if (node.Integer("bits", Bits) != Bits || node.Has(4) || group < 2 || group % 2 != 0 || inputs <= 0 || columns <= 0)
            throw OnnxDiagnostics.Decline("other than 4 bits, or group indices");
        if (node.Rank(0) < 2)
            throw OnnxDiagnostics.Decline("vectors");
        if (node.TypeOf(1) != DataType.UInt8 || (node.Has(3) && node.TypeOf(3) != DataType.UInt8))
            throw OnnxDiagnostics.Decline("values or zero points that are not packed in bytes");
        long groups = ((inputs - 1) / group) + 1;
        NodeInput values = Unpacked(node, Shaped(node, 1, columns, groups, group / 2));
        NodeInput zero = node.Scalar(DataType.Float, Zero);
        if (node.Has(3))
        {
            long held = (groups + 1) / 2;
            NodeInput all = node.Reshape(Unpacked(node, Shaped(node, 3, columns, held, 1)), columns, 2 * held);
            zero = node.Reshape(node.Emit("Slice", [all, node.Ints(0, 0), node.Ints(columns, groups)]), columns, groups, 1);
        }
        NodeInput centred = node.Has(3)
            ? node.Emit("Sub", [node.Reshape(values, columns, groups, group), zero])
            : node.Reshape(node.Emit("Sub", [values, zero]), columns, groups, group);
        NodeInput scaled = node.Emit("Mul", [centred, node.Cast(Shaped(node, 2, columns, groups, 1), DataType.Float)]);
        NodeInput rows = node.Reshape(scaled, columns, groups * group);
        if (groups * group != inputs)
            rows = node.Emit("Slice", [rows, node.Ints(0, 0), node.Ints(columns, inputs)]);
        DataType type = node.TypeOf(0);
        NodeInput matrix = node.Cast(rows, type);
        NodeInput product = node.Rank(0) == 2 ? node.Emit("MatMul", [node[0], matrix], ("transpose_b", true)) : node.Emit("BatchMatMulV2", [node[0], matrix], ("adj_y", true));
        node.Set(0, node.Has(5) ? node.Emit("AddV2", [product, node[5]]) : product);
    }

    /// <summary>An input in another shape; a constant has it at once, by which the matrix is found when the graph is written again.</summary>
    private static NodeInput Shaped(NodeReader node, int input, params ReadOnlySpan<long> shape) => node.Constant(input) is { } constant && constant.ElementCount == TensorShape.Of(shape).ElementCount
        ? node.Scope.Emitter.Constant(Tensors.Reshape(constant, [.. shape]), node.Value(input).Name)
        : node.Reshape(node[input], shape);

    /// <summary>Both halves of bytes as reals, along a new last dimension.</summary>
    private static NodeInput Unpacked(NodeReader node, NodeInput packed)
    {
        NodeInput low = node.Emit("BitwiseAnd", [packed, node.Scalar(DataType.UInt8, 15)]);
        NodeInput high = node.Emit("RightShift", [packed, node.Scalar(DataType.UInt8, Bits)]);
        return node.Cast(node.Emit("Pack", [low, high], ("axis", 3)), DataType.Float);
    }
}
