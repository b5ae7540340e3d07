using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Products of 8-bit values with 32-bit results, and those that are requantized. Convolutions are computed exactly in double precision.</summary>
internal static class IntegerProducts
{
    [Infers("QLinearConv")]
    public static void InferConv(NodeInference node) => node.Set(node[7].Type, Convolutions.ConvShape(node, node[0].Shape, node[3].Shape));

    [Infers("QLinearMatMul")]
    public static void InferMatMul(NodeInference node) => node.Set(node[7].Type, Products.MatMulShape(node, node[0].Shape, node[3].Shape));

    [Infers("QGemm", Domain = "com.microsoft")]
    public static void InferGemm(NodeInference node)
    {
        TensorShape a = node[0].Shape;
        TensorShape b = node[3].Shape;
        bool isKnown = a.Rank == 2 && b.Rank == 2;
        node.Set(node.Has(8) ? node[8].Type : DataType.Float, isKnown ? TensorShape.Of(a[node.Flag("transA") ? 1 : 0], b[node.Flag("transB") ? 0 : 1]) : TensorShape.Of(-1, -1));
    }

    [Infers("QLinearMul", Domain = "com.microsoft")]
    public static void InferBinary(NodeInference node) => node.Set(node[0].Type, node.Broadcast(node[0].Shape, node[3].Shape));

    [Infers("QLinearSoftmax", "QLinearSigmoid", "QLinearLeakyRelu", Domain = "com.microsoft")]
    public static void InferUnary(NodeInference node) => node.Set(node[0].Type, node[0].Shape);

    [Infers("QLinearGlobalAveragePool", Domain = "com.microsoft")]
    public static void InferGlobal(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        bool isLast = node.Flag("channels_last");
        node.Set(node[0].Type, shape.IsUnknownRank ? shape : TensorShape.Of([.. shape.Dimensions.Select((dimension, axis) => axis == 0 || axis == (isLast ? shape.Rank - 1 : 1) ? dimension : 1)]));
    }

    [Infers("QLinearAveragePool", Domain = "com.microsoft")]
    public static void InferPool(NodeInference node) => node.Set(node[0].Type, TensorShape.Unknown);

    [Reads("MatMulInteger")]
    public static void ReadMatMulInteger(NodeReader node)
    {
        NodeInput left = Centred(node, 0, 2, DataType.Int32, alongRows: true);
        NodeInput right = Centred(node, 1, 3, DataType.Int32, alongRows: false);
        node.Set(0, Products.MatMul(node, left, node.Rank(0), right, node.Rank(1)));
    }

    [Reads("ConvInteger")]
    public static void ReadConvInteger(NodeReader node)
    {
        NodeInput image = Centred(node, 0, 2, DataType.Double, alongRows: false);
        NodeInput filter = CentredFilter(node, 1, 3);
        node.Set(0, node.Cast(Convolutions.Convolve(node, image, node.Info(0).Shape, 1, null, filter), DataType.Int32));
    }

    /// <summary>y = round(sums · (x scale · w scale / y scale)) + y zero point.</summary>
    [Reads("QLinearConv")]
    public static void ReadQLinearConv(NodeReader node)
    {
        NodeInput image = Centred(node, 0, 2, DataType.Double, alongRows: false);
        NodeInput filter = CentredFilter(node, 3, 5);
        NodeInput? bias = node.Has(8) ? node.Cast(node[8], DataType.Double) : (NodeInput?)null;
        NodeInput sums = Convolutions.Convolve(node, image, node.Info(0).Shape, 3, bias, filter);
        NodeInput multiplier = node.Emit("RealDiv", [node.Emit("Mul", [Scalar(node, 1), Channels(node, 4, node.Rank(0))]), Scalar(node, 6)]);
        Requantize(node, sums, multiplier, 7);
    }

    [Reads("QLinearMatMul")]
    public static void ReadQLinearMatMul(NodeReader node)
    {
        NodeInput left = Centred(node, 0, 2, DataType.Int32, alongRows: true);
        NodeInput right = Centred(node, 3, 5, DataType.Int32, alongRows: false);
        NodeInput sums = Products.MatMul(node, left, node.Rank(0), right, node.Rank(3));
        NodeInput leftScale = node.Info(1).Rank == 1 && node.Info(1).Shape[0] != 1 ? node.Reshape(node[1], -1, 1) : Scalar(node, 1);
        NodeInput multiplier = node.Emit("RealDiv", [node.Emit("Mul", [leftScale, Single(node, 4)]), Single(node, 6)]);
        Requantize(node, sums, multiplier, 7);
    }

    [Reads("QGemm", Domain = "com.microsoft")]
    public static void ReadQGemm(NodeReader node)
    {
        NodeInput left = Centred(node, 0, 2, DataType.Int32, alongRows: false);
        NodeInput right = Centred(node, 3, 5, DataType.Int32, alongRows: node.Flag("transB"));
        NodeInput sums = node.Emit("MatMul", [left, right], ("transpose_a", node.Flag("transA")), ("transpose_b", node.Flag("transB")));
        if (node.Has(6))
            sums = node.Emit("AddV2", [sums, node[6]]);
        NodeInput scale = node.Emit("Mul", [node.Emit("Mul", [Scalar(node, 1), Single(node, 4)]), node.Scalar(DataType.Float, node.Real("alpha", 1))]);
        if (!node.Has(7))
        {
            node.Result("Mul", [node.Cast(sums, DataType.Float), scale]);
            return;
        }
        Requantize(node, sums, node.Emit("RealDiv", [scale, Scalar(node, 7)]), 8);
    }

    /// <summary>Sums and products of real values that are quantized again.</summary>
    [Reads("QLinearAdd", "QLinearMul", Domain = "com.microsoft")]
    public static void ReadBinary(NodeReader node)
    {
        NodeInput left = Quantization.Dequantized(node, 0, 1, 2, DataType.Float);
        NodeInput right = Quantization.Dequantized(node, 3, 4, 5, DataType.Float);
        Quantized(node, node.Emit(node.Op == "QLinearAdd" ? "AddV2" : "Mul", [left, right]), 6, 7);
    }

    [Reads("QLinearSoftmax", "QLinearSigmoid", "QLinearLeakyRelu", "QLinearGlobalAveragePool", Domain = "com.microsoft")]
    public static void ReadUnary(NodeReader node)
    {
        NodeInput real = Quantization.Dequantized(node, 0, 1, 2, DataType.Float);
        int rank = node.Rank(0);
        NodeInput result;
        switch (node.Op)
        {
            case "QLinearSigmoid":
                result = node.Emit("Sigmoid", [real]);
                break;
            case "QLinearLeakyRelu":
                result = node.Emit("LeakyRelu", [real], ("alpha", node.Real("alpha", 0.01f)));
                break;
            case "QLinearGlobalAveragePool":
                int first = node.Flag("channels_last") ? 1 : 2;
                result = node.Emit("Mean", [real, node.Ints([.. Enumerable.Range(first, rank - 2).Select(axis => (long)axis)])], ("keep_dims", true));
                break;
            default:
                if (NodeReader.Axis(node.Integer("axis", -1), rank) != rank - 1)
                    throw OnnxDiagnostics.Decline("another axis than the last");
                result = node.Emit("Softmax", [real]);
                break;
        }
        Quantized(node, result, 3, 4);
    }

    [Reads("QLinearConcat", Domain = "com.microsoft")]
    public static void ReadConcat(NodeReader node)
    {
        var parts = new List<NodeInput>();
        for (int i = 2; i + 2 < node.Count; i += 3)
            parts.Add(Quantization.Dequantized(node, i, i + 1, i + 2, DataType.Float));
        Quantized(node, parts.Count == 1 ? parts[0] : node.Emit("ConcatV2", [.. parts, node.Int(node.Integer("axis", 0))]), 0, 1);
    }

    [Infers("QLinearConcat", Domain = "com.microsoft")]
    public static void InferConcat(NodeInference node) => node.Set(node[1].Type, TensorShape.Unknown);

    private static void Quantized(NodeReader node, NodeInput real, int scale, int zeroPoint)
    {
        NodeInput rounded = node.Emit("Round", [node.Emit("RealDiv", [real, Scalar(node, scale)])]);
        node.Set(0, Quantization.Saturated(node, rounded, node.Has(zeroPoint) ? Scalar(node, zeroPoint) : (NodeInput?)null, node.Has(zeroPoint) ? node.TypeOf(zeroPoint) : node.TypeOf(0)));
    }

    private static void Requantize(NodeReader node, NodeInput sums, NodeInput multiplier, int zeroPoint)
    {
        NodeInput rounded = node.Emit("Round", [node.Emit("Mul", [node.Cast(sums, DataType.Float), multiplier])]);
        node.Set(0, Quantization.Saturated(node, rounded, Scalar(node, zeroPoint), node.TypeOf(zeroPoint)));
    }

    private static NodeInput Single(NodeReader node, int input) => node.Cast(node[input], DataType.Float);

    private static NodeInput Scalar(NodeReader node, int input) => node.Info(input).Rank == 0 ? Single(node, input) : node.Reshape(Single(node, input));

    private static NodeInput Channels(NodeReader node, int input, int rank) =>
        node.Info(input).Shape is { Rank: 1 } shape && shape[0] != 1 ? node.Reshape(Single(node, input), [-1, .. Enumerable.Repeat(1L, rank - 2)]) : Scalar(node, input);

    /// <summary>Values without their zero point, which may be one for each row or column.</summary>
    private static NodeInput Centred(NodeReader node, int values, int zeroPoint, DataType type, bool alongRows)
    {
        NodeInput wide = node.Cast(node[values], type);
        if (!node.Has(zeroPoint))
            return wide;
        NodeInput zero = node.Cast(node[zeroPoint], type);
        bool isVector = node.Info(zeroPoint).Shape is { Rank: 1 } shape && shape[0] != 1;
        zero = isVector ? alongRows ? node.Reshape(zero, -1, 1) : zero : node.Info(zeroPoint).Rank == 1 ? node.Reshape(zero) : zero;
        return node.Emit("Sub", [wide, zero]);
    }

    private static NodeInput CentredFilter(NodeReader node, int filter, int zeroPoint)
    {
        NodeInput wide = node.Cast(node[filter], DataType.Double);
        if (!node.Has(zeroPoint))
            return wide;
        NodeInput zero = node.Cast(node[zeroPoint], DataType.Double);
        bool isVector = node.Info(zeroPoint).Shape is { Rank: 1 } shape && shape[0] != 1;
        zero = isVector ? node.Reshape(zero, [-1, .. Enumerable.Repeat(1L, node.Rank(filter) - 1)]) : node.Reshape(zero);
        return node.Emit("Sub", [wide, zero]);
    }
}
