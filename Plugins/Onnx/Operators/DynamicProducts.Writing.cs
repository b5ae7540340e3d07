using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>
/// Products whose data are quantized in the run, each row by the range of its values and 0.
/// <code>
/// UniformQuantizedDotHybrid(x: one row, w, scales, 0)   →   (q, s, z) = DynamicQuantizeLinear(x);  MatMulInteger(q, w, z) · s · scales
/// UniformQuantizedDotHybrid(x, w, scales, 0)            →   q = Cast(Clip(Floor(x / s + z + 0.5), 0, 255));  (MatMulInteger(q, w) - z · column sums) · s · scales
/// </code>
/// </summary>
internal static class DynamicProducts
{
    private const double Highest = 255;
    private const double LeastScale = 1.17549435e-38;
    private static readonly long[] Columns = [1];

    [Writes("UniformQuantizedDotHybrid", Declines = "weights that are computed, zero points of weights other than 0")]
    public static void Write(NodeWriter node)
    {
        Tensor weights = node.RequireConstant(1);
        if (weights is not { Type: DataType.Int8, Shape.Rank: 2, IsDecodable: true })
            throw OnnxDiagnostics.Decline("weights that are not a matrix of qint8");
        if (Tensors.ToLongs(node.RequireConstant(3)).Any(zero => zero != 0))
            throw OnnxDiagnostics.Decline("zero points of weights other than 0");
        var scales = node.Const(node.RequireConstant(2));
        Operand data = node[0];
        bool isOneRow = data.Info.Shape is { Rank: 2 } shape && shape[0] == 1;
        node.Set(isOneRow ? OneRow(node, data, weights, scales) : Rows(node, data, weights, scales));
    }

    private static Operand OneRow(NodeWriter node, Operand data, Tensor weights, Operand scales)
    {
        Operand[] quantized = node.EmitAll("DynamicQuantizeLinear", [data], 3);
        Operand products = node.Emit("MatMulInteger", [quantized[0], node.Const(weights), quantized[2]]);
        return node.Emit("Mul", [node.Cast(products, DataType.Float), node.Emit("Mul", [quantized[1], scales])]);
    }

    private static Operand Rows(NodeWriter node, Operand data, Tensor weights, Operand scales)
    {
        Operand least = node.Emit("Min", [Extreme(node, "ReduceMin", data), Number(0)]);
        Operand most = node.Emit("Max", [Extreme(node, "ReduceMax", data), Number(0)]);
        Operand scale = node.Emit("Max", [node.Emit("Div", [node.Emit("Sub", [most, least]), Number(Highest)]), Number(LeastScale)]);
        Operand perScale = node.Emit("Reciprocal", [scale]);
        Operand zero = node.Emit("Round", [node.Emit("Neg", [node.Emit("Mul", [least, perScale])])]);
        Operand moved = node.Emit("Add", [node.Emit("Mul", [data, perScale]), node.Emit("Add", [zero, Number(0.5)])]);
        Operand clipped = node.Emit("Clip", [node.Emit("Floor", [moved]), Number(0), Number(Highest)]);
        Operand products = node.Emit("MatMulInteger", [node.Cast(clipped, DataType.UInt8), node.Const(weights)]);
        Operand ofZero = node.Emit("Mul", [node.Cast(zero, DataType.Int32), node.Const(ColumnSums(weights))]);
        Operand integers = node.Emit("Sub", [products, ofZero]);
        return node.Emit("Mul", [node.Emit("Mul", [node.Cast(integers, DataType.Float), scale]), scales]);

        Operand Number(double value) => node.Scalar(DataType.Float, value);
    }

    private static Operand Extreme(NodeWriter node, string op, Operand data)
    {
        const int axesAreInputs = 18;
        return node.Opset >= axesAreInputs
            ? node.Emit(op, [data, node.Longs(1)], ("keepdims", 1L))
            : node.Emit(op, [data], ("axes", Columns), ("keepdims", 1L));
    }

    private static Tensor ColumnSums(Tensor weights)
    {
        int columns = (int)weights.Shape[1];
        int[] sums = new int[columns];
        ReadOnlySpan<sbyte> elements = weights.AsSpan<sbyte>();
        for (int i = 0; i < elements.Length; i++)
            sums[i % columns] += elements[i];
        return Tensor.Create<int>(DataType.Int32, TensorShape.Of(columns), sums);
    }
}
