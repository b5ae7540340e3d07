using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>
/// Writes the fused quantized convolutions of oneDNN builds as runtimes of ONNX take them: a float convolution between DequantizeLinear and QuantizeLinear, the bias quantized as the sums are.
/// Their scales are such that runtimes round as TensorFlow does (see <see cref="RequantizationScale"/>). What is added to the sums is added to their real values, unrounded. Sums that are not requantized stay real values, or whole ones where their ranges are neutral. A product of matrices that
/// is spelt as a convolution over images of one element becomes Gemm.
/// </summary>
internal static class FusedQuantized
{
    private const float LargestBias = 1 << 30;

    [Writes("QuantizedConv2DAndRelu", "QuantizedConv2DAndReluAndRequantize", "QuantizedConv2DAndRequantize", "QuantizedConv2DPerChannel", "QuantizedConv2DWithBias", "QuantizedConv2DWithBiasAndRelu",
        "QuantizedConv2DWithBiasAndReluAndRequantize", "QuantizedConv2DWithBiasAndRequantize", "QuantizedConv2DWithBiasSumAndReluAndRequantize", "QuantizedConv2DWithBiasSignedSumAndReluAndRequantize",
        "QuantizedDepthwiseConv2D", "QuantizedDepthwiseConv2DWithBias", "QuantizedDepthwiseConv2DWithBiasAndRelu", "QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize")]
    public static void Write(NodeWriter node)
    {
        bool hasBias = node.Op.Contains("WithBias", StringComparison.Ordinal);
        bool hasSum = node.Op.Contains("Sum", StringComparison.Ordinal);
        bool hasRelu = node.Op.Contains("AndRelu", StringComparison.Ordinal);
        bool requantizes = node.Op.EndsWith("AndRequantize", StringComparison.Ordinal);
        bool isDepthwise = node.Op.StartsWith("QuantizedDepthwise", StringComparison.Ordinal);
        int ranges = hasBias ? 3 : 2;
        DataType type = node.Node.TypeAttribute("Tinput") ?? DataType.QUInt8;
        DataType resultType = node.Node.TypeAttribute("out_type") ?? DataType.QUInt8;
        Tensor filter = node.RequireConstant(1);
        if (type is not (DataType.QUInt8 or DataType.QInt8) || filter.Type != DataType.Int8)
            throw OnnxDiagnostics.Decline("only quint8 or qint8 data and a qint8 filter are written");
        QuantizationRange input = QuantizationRange.OfFused(node, ranges, type);
        QuantizationRange weights = QuantizationRange.OfFused(node, ranges + 2, DataType.QInt8);
        NodeWriter requantizer = node;
        QuantizationRange? result = requantizes ? QuantizationRange.OfFused(node, ranges + 4, resultType) : null;
        if ((requantizes ? hasSum ? null : RequantizationScale.Of(node, ranges, type, resultType) : RequantizationScale.OfConsumer(node, ranges, type)) is { } exact)
        {
            input = input with { Scales = [exact.Data] };
            weights = weights with { Scales = exact.Weights };
            result = new(exact.ResultType, [exact.Result], 0);
            requantizer = exact.Requantizer;
        }
        Operand? matrix = isDepthwise ? null : MatrixOf(node, filter);
        Layout layout = matrix is null ? Layout.ChannelsFirst : Layout.Original;
        Operand sums = matrix is null
            ? Convolve(node, filter, input, weights, isDepthwise, hasBias)
            : Multiply(node, matrix, filter, input, weights, hasBias);
        if (hasSum)
        {
            DataType addedType = node.Node.TypeAttribute("Tsummand") ?? DataType.QUInt8;
            Operand added = node.Read(ranges + 6, layout);
            sums = node.Emit("Add", [sums, Dequantized(node, added, QuantizationRange.OfFused(node, ranges + 7, addedType).In(added))]);
        }
        if (hasRelu && !(requantizes && resultType == DataType.QUInt8))
            sums = node.Emit("Relu", [sums]);
        if (result is null)
        {
            bool isNeutral = input.Scales is [1f] && weights.Scales is [1f];
            node.Set(Restored(node, matrix, sums, layout, isAccumulator: true, isNeutral));
            Range(node, ranges, 1);
            return;
        }
        Operand quantized = node.Emit("QuantizeLinear", [sums, .. result.OfResult(requantizer).Parameters(node)]);
        node.Set(Restored(node, matrix, quantized, layout, isAccumulator: false, hasUnits: false));
        if (requantizes)
            Range(node, ranges + 4, 1);
    }

    private static void Range(NodeWriter node, int slot, int port)
    {
        node.Set(node[slot], port: port);
        node.Set(node[slot + 1], port: port + 1);
    }

    private static WrittenValue Restored(NodeWriter node, Operand? matrix, Operand result, Layout layout, bool isAccumulator, bool hasUnits)
    {
        if (matrix is not null)
            result = node.Reshape(result, -1, 1, 1, result.Info.Shape[1]);
        return new WrittenValue(result, layout) { IsAccumulator = isAccumulator, HasUnits = hasUnits };
    }

    /// <summary>The matrix that a convolution over images of one element multiplies, where one was reshaped for it.</summary>
    private static Operand? MatrixOf(NodeWriter node, Tensor filter)
    {
        bool isPoint = filter.Shape[0] == 1 && filter.Shape[1] == 1 && node.Info(0).Shape is { Rank: 4 } shape && shape[1] == 1 && shape[2] == 1;
        if (!isPoint)
            return null;
        Operand data = node[0];
        return node.Graph.SourceOfReshape(data) is { Info.Rank: 2 } matrix ? matrix : node.Reshape(data, -1, filter.Shape[2]);
    }

    private static Operand Multiply(NodeWriter node, Operand matrix, Tensor filter, QuantizationRange input, QuantizationRange weights, bool hasBias)
    {
        Operand constant = node.Const(Tensors.Reshape(filter, filter.Shape[2], filter.Shape[3]));
        Operand factors = Dequantized(node, constant, weights, 1);
        Operand data = Dequantized(node, matrix, input.In(matrix));
        return hasBias ? node.Emit("Gemm", [data, factors, Bias(node, input, weights)]) : node.Emit("MatMul", [data, factors]);
    }

    private static Operand Convolve(NodeWriter node, Tensor filter, QuantizationRange input, QuantizationRange weights, bool isDepthwise, bool hasBias)
    {
        ImageWindows windows = ImageWindows.Of(node, node.Info(0).Shape);
        WrittenPadding padding = WrittenPadding.Of(node, windows, [filter.Shape[0], filter.Shape[1]]);
        Tensor moved = isDepthwise
            ? Tensors.Reshape(Tensors.Transpose(filter, 2, 3, 0, 1), filter.Shape[2] * filter.Shape[3], 1, filter.Shape[0], filter.Shape[1])
            : Tensors.Transpose(filter, 3, 2, 0, 1);
        List<Operand?> inputs = [Dequantized(node, padding.Image, input.In(padding.Image)), Dequantized(node, node.Const(moved), weights, 0)];
        if (hasBias)
            inputs.Add(Bias(node, input, weights));
        List<(string, object)> attributes = [("strides", windows.Strides), ("kernel_shape", new[] { filter.Shape[0], filter.Shape[1] }), .. padding.Attributes];
        if (Array.Exists(windows.Dilations, dilation => dilation != 1))
            attributes.Add(("dilations", windows.Dilations));
        if (isDepthwise)
            attributes.Add(("group", filter.Shape[2]));
        return node.Emit("Conv", inputs, attributes);
    }

    /// <summary>The bias as the layer adds it; a float one is a real value, in the units of the true scales, and sums that are requantized by another op are whole with it.</summary>
    private static Operand Bias(NodeWriter node, QuantizationRange input, QuantizationRange weights)
    {
        Tensor bias = node.RequireConstant(2);
        float[] units = [.. weights.Scales.Select(scale => scale * input.Scales[0])];
        if (bias.Type != DataType.Float)
            return Dequantized(node, node.Const(bias), new QuantizationRange(DataType.Int32, units, 0), 0);
        float inputScale = QuantizationRange.OfFused(node, 3, node.Node.TypeAttribute("Tinput") ?? DataType.QUInt8).Scales[0];
        float[] trueUnits = [.. QuantizationRange.OfFused(node, 5, DataType.QInt8).Scales.Select(scale => scale * inputScale)];
        if (units.SequenceEqual(trueUnits))
            return node.Const(bias);
        float[] values = bias.AsSpan<float>().ToArray();
        for (int i = 0; i < values.Length; i++)
            values[i] /= trueUnits[i % trueUnits.Length];
        bool areRounded = !node.Op.EndsWith("AndRequantize", StringComparison.Ordinal) && Array.TrueForAll(values, value => Math.Abs(value) < LargestBias);
        if (areRounded)
            return Dequantized(node, node.Const(Tensor.Create<int>(DataType.Int32, bias.Shape, Array.ConvertAll(values, value => (int)MathF.Round(value)))), new QuantizationRange(DataType.Int32, units, 0), 0);
        for (int i = 0; i < values.Length; i++)
            values[i] *= units[i % units.Length];
        return node.Const(Tensor.Create<float>(DataType.Float, bias.Shape, values));
    }

    private static Operand Dequantized(NodeWriter node, Operand values, QuantizationRange range, long axis = -1) => range.Scales.Length == 1
        ? node.Emit("DequantizeLinear", [values, .. range.Parameters(node)])
        : node.Emit("DequantizeLinear", [values, .. range.Parameters(node)], ("axis", axis));
}
