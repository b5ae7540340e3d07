using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes conversions between real and quantized values.</summary>
internal static partial class Quantization
{
    [Writes("QuantizeV2", Declines = "ranges that are computed, ranges of channels, 16 bits in another mode than SCALED, 32 bits")]
    public static void WriteQuantize(NodeWriter node)
    {
        bool rounds = node.Text("round_mode", "HALF_AWAY_FROM_ZERO") == "HALF_TO_EVEN" || node.Text("mode", "MIN_COMBINED") == "MIN_FIRST";
        if (!rounds || node.Integer("axis", -1) != -1)
            throw OnnxDiagnostics.Decline("only round_mode HALF_TO_EVEN or mode MIN_FIRST, with one range, is written");
        QuantizationRange range = QuantizationRange.OfQuantize(node).OfResult(node);
        Operand data = node.Native(0);
        bool isScaled = node.Text("mode", "MIN_COMBINED") == "SCALED" && node.Type("T") is DataType.QUInt8 or DataType.QInt8;
        if (isScaled && IsUnrounded(node.Graph, data))
        {
            data = node.Emit("Mul", [data, node.Const(Tensor.Scalar(QuantizationRange.FactorOfQuantize(node)))]);
            range = range with { Scales = [1] };
        }
        if (isScaled && node.Type("T") == DataType.QInt8 && node.Flag("narrow_range"))
            data = node.Emit("Max", [data, node.Const(Tensor.Scalar(-127 * range.Scales[0]))]);
        node.Set(node.EmitOf(range.DomainFor(node.Opset), "QuantizeLinear", [data, .. range.Parameters(node)]), node.Value(0).Native);
        SetRange(node);
    }

    /// <summary>
    /// True for sums that go on from layers with 32 bits. Runtimes compute them in float, and divide by the scale where TensorFlow multiplies: a last bit that would go to another value near a tie, so
    /// such data are multiplied before. What is between DequantizeLinear and QuantizeLinear stays so, since runtimes fuse it.
    /// </summary>
    private static bool IsUnrounded(GraphWriter graph, Operand data)
    {
        const int most = 64;
        var open = new Stack<Operand>([data]);
        for (int i = 0; i < most && open.TryPop(out Operand? operand); i++)
        {
            if (!graph.Computes(operand))
                continue;
            Model.OnnxNode producer = graph.Target.Nodes[operand.Producer];
            if (producer.Op is "Conv" or "Gemm" or "MatMul")
                return producer.Inputs.Any(input => graph.OperandOf(input) is { } read && graph.Computes(read) && graph.Target.Nodes[read.Producer].Op == "DequantizeLinear");
            if (producer.Op is "Add" or "Mul" or "Relu" or "Clip" or "Transpose" or "Reshape")
            {
                foreach (string input in producer.Inputs)
                    open.Push(graph.OperandOf(input));
            }
        }
        return false;
    }

    /// <summary>Ends of the range as outputs, for those that read them.</summary>
    private static void SetRange(NodeWriter node)
    {
        node.Set(node[1], port: 1);
        node.Set(node[2], port: 2);
    }

    [Writes("Dequantize", Declines = "ranges that are computed; mode MIN_COMBINED where zero is between two values")]
    public static void WriteDequantize(NodeWriter node)
    {
        WrittenValue value = node.Value(0);
        if (value.IsAccumulator)
        {
            node.Set(value);
            return;
        }
        long axis = node.Integer("axis", -1);
        if (node.Constant(0) is { IsDecodable: true, Type: DataType.UInt8 or DataType.Int8 } constant && axis < 0)
        {
            node.Set(QuantizationRange.TryOfDequantize(node) is { } stored
                ? node.Stored(new QuantizedConstant(constant, stored.Scales, [stored.ZeroPoint], -1))
                : node.Const(RealValues(node, constant)));
            return;
        }
        QuantizationRange range = QuantizationRange.OfDequantize(node);
        if (axis >= 0 && node.Constant(0) is { IsDecodable: true } channels)
        {
            node.Set(node.Stored(new QuantizedConstant(channels, range.Scales, new long[range.Scales.Length], (int)axis)));
            return;
        }
        Operand data = axis < 0 ? node.Native(0) : node[0];
        range = range.In(data);
        node.Set(axis < 0 ? node.EmitOf(range.DomainFor(node.Opset), "DequantizeLinear", [data, .. range.Parameters(node)]) : node.Emit("DequantizeLinear", [data, .. range.Parameters(node)], ("axis", axis)), axis < 0 ? value.Native : Layout.Original);
    }

    /// <summary>Real values of a constant whose range has no scale or whole zero point, by TensorFlow's formulas.</summary>
    private static Tensor RealValues(NodeWriter node, Tensor constant)
    {
        float low = node.RequireConstant(1).ToSingles()[0];
        float high = node.RequireConstant(2).ToSingles()[0];
        float step = (high - low) / 255;
        string mode = node.Text("mode", "MIN_COMBINED");
        float least = mode == "MIN_FIRST" && step > 0 ? MathF.Round(low / step, MidpointRounding.AwayFromZero) * step : low;
        int offset = constant.Type == DataType.Int8 ? 128 : 0;
        return mode == "SCALED"
            ? throw OnnxDiagnostics.Decline($"its range [{low}, {high}]")
            : Tensor.Create<float>(DataType.Float, constant.Shape, [.. Tensors.ToLongs(constant).Select(value => ((value + offset) * step) + least)]);
    }

    /// <summary>Sums that stand for real values are quantized as such.</summary>
    [Writes("RequantizePerChannel")]
    public static void WriteRequantize(NodeWriter node)
    {
        const int requested = 3;
        WrittenValue value = node.Value(0);
        node.Set(node[requested], port: 1);
        node.Set(node[requested + 1], port: 2);
        if (value.Info.Type is DataType.UInt8 or DataType.Int8)
        {
            node.Set(value);
            return;
        }
        if (!value.IsAccumulator)
            throw OnnxDiagnostics.Decline("only sums of fused convolutions are requantized");
        QuantizationRange range = QuantizationRange.OfFused(node, requested, node.Type("out_type")).OfResult(node);
        Operand sums = value.Operand;
        if (node.Constant(2) is { Type: DataType.Float } ends && value.HasUnits)
            sums = Scaled(node, sums, [.. ends.AsSpan<float>().ToArray().Select(end => (float)(end / Math.Pow(2, 31)))], value.Native);
        node.Set(node.Emit("QuantizeLinear", [sums, .. range.Parameters(node)]), value.Native);
    }

    private static Operand Scaled(NodeWriter node, Operand sums, float[] units, Layout layout)
    {
        TensorShape shape = units.Length == 1 ? TensorShape.Scalar : layout == Layout.ChannelsFirst ? TensorShape.Of(units.Length, 1, 1) : TensorShape.Of(units.Length);
        return node.Emit("Mul", [sums, node.Const(Tensor.Create<float>(DataType.Float, shape, units))]);
    }

    /// <summary>What a Relu or Relu6 reads whose bounds the range holds anyway.</summary>
    private static Operand WithoutActivation(NodeWriter node, Operand data, float most)
    {
        const float six = 6.00001f;
        Model.OnnxNode producer = node.Graph.Target.Nodes[data.Producer];
        bool isRelu6 = producer.Op == "Clip" && most <= six && Bound(1) == 0 && Bound(2) == 6;
        return producer.Op == "Relu" || isRelu6 ? node.Graph.OperandOf(producer.Inputs[0]) : data;

        float? Bound(int input) => node.Graph.Context.Constant(producer.Inputs[input]) is { Type: DataType.Float } bound ? bound.AsSpan<float>()[0] : null;
    }

    /// <summary>A constant in the values of a range.</summary>
    private static QuantizedConstant Rounded(Tensor constant, float[] scales, long[] zeros, long least, long most, bool isOfChannels)
    {
        ReadOnlySpan<float> reals = constant.AsSpan<float>();
        byte[] values = new byte[reals.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int channel = isOfChannels ? i % scales.Length : 0;
            values[i] = (byte)Math.Clamp(MathF.Floor((reals[i] / scales[channel]) + 0.5f) + zeros[channel], least, most);
        }
        return new(Tensor.FromContent(DataType.UInt8, constant.Shape, values), scales, zeros, isOfChannels ? constant.Shape.Rank - 1 : -1);
    }

    /// <summary>A pair of conversions over the range that TensorFlow moves so that zero is a value of it.</summary>
    [Writes("FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxArgs", "FakeQuantWithMinMaxVarsPerChannel", Declines = "more than 8 bits, ranges that are computed")]
    public static void WriteFakeQuant(NodeWriter node)
    {
        long bits = node.Integer("num_bits", 8);
        bool isNarrow = node.Flag("narrow_range");
        if (bits is < 2 or > 8)
            throw OnnxDiagnostics.Decline($"{bits} bits; 2 to 8 are written");
        float[] lows = node.Op == "FakeQuantWithMinMaxArgs" ? [node.Real("min", -6)] : node.RequireConstant(1).ToSingles();
        float[] highs = node.Op == "FakeQuantWithMinMaxArgs" ? [node.Real("max", 6)] : node.RequireConstant(2).ToSingles();
        long least = isNarrow ? 1 : 0;
        long most = (1 << (int)bits) - 1;
        float[] scales = [.. lows.Zip(highs, (low, high) => (high - low) / (most - least))];
        if (Array.Exists(scales, scale => !float.IsNormal(scale) || scale <= 0))
            throw OnnxDiagnostics.Decline("an empty range");
        long[] zeros = [.. lows.Select((low, i) => Math.Clamp((long)MathF.Floor(least - (low / scales[i]) + 0.5f), least, most))];
        bool isOfChannels = node.Op == "FakeQuantWithMinMaxVarsPerChannel" && scales.Length > 1;
        if (node.Constant(0) is { Type: DataType.Float, IsDecodable: true } constant)
        {
            node.Set(node.Stored(Rounded(constant, scales, zeros, least, most, isOfChannels)));
            return;
        }
        Operand data = isOfChannels ? node[0] : node.Native(0);
        if (!isOfChannels && zeros[0] == 0 && node.Graph.Computes(data) && node.Graph.Graph.ConsumersOf(node.Input(0).Node).Length == 1 && !node.Graph.Context.IsOutput(node.Input(0)))
            data = WithoutActivation(node, data, most * scales[0]);
        bool needsClip = isNarrow || bits < 8;
        if (needsClip && isOfChannels)
            throw OnnxDiagnostics.Decline("a narrow range or fewer than 8 bits for each channel");
        if (needsClip)
            data = node.Emit("Clip", [data, node.Const(Tensor.Scalar((least - zeros[0]) * scales[0])), node.Const(Tensor.Scalar((most - zeros[0]) * scales[0]))]);
        TensorShape shape = isOfChannels ? TensorShape.Of(scales.Length) : TensorShape.Scalar;
        Operand scale = node.Const(Tensor.Create<float>(DataType.Float, shape, scales));
        Operand zero = node.Const(Tensors.Integers(DataType.UInt8, shape, zeros));
        (string, object)[] axis = isOfChannels ? [("axis", (long)node.Rank(0) - 1)] : [];
        node.Set(node.Emit("DequantizeLinear", [node.Emit("QuantizeLinear", [data, scale, zero], axis), scale, zero], axis), isOfChannels ? Layout.Original : node.Value(0).Native);
    }

    /// <summary>A pair of conversions about zero, by the larger of the scales that the two ends of the range ask for.</summary>
    [Writes("QuantizeAndDequantizeV2", Declines = "more than 8 bits, ranges that are not given, computed or of channels, ties away from zero")]
    public static void WriteQuantizeAndDequantize(NodeWriter node)
    {
        long bits = node.Integer("num_bits", 8);
        bool isSigned = node.Node.Bool("signed_input", true);
        if (bits is < 2 or > 8 || !node.Flag("range_given") || node.Integer("axis", -1) != -1 || node.Text("round_mode", "HALF_TO_EVEN") != "HALF_TO_EVEN" || node.Info(0).Type != DataType.Float)
            throw OnnxDiagnostics.Decline("2 to 8 bits of floats are written, with one range that is given and ties to even");
        long most = (1L << (int)(isSigned ? bits - 1 : bits)) - 1;
        long least = !isSigned ? 0 : node.Flag("narrow_range") ? -most : -most - 1;
        float low = node.RequireConstant(1).ToSingles()[0], high = node.RequireConstant(2).ToSingles()[0];
        float scale = Math.Max(least * low > 0 ? low / least : 0, most * high > 0 ? high / most : 0);
        if (!float.IsNormal(scale))
            throw OnnxDiagnostics.Decline("an empty range");
        DataType type = isSigned ? DataType.Int8 : DataType.UInt8;
        Operand data = node.Native(0);
        if (bits < 8 || node.Flag("narrow_range"))
            data = node.Emit("Clip", [data, node.Const(Tensor.Scalar(least * scale)), node.Const(Tensor.Scalar(most * scale))]);
        Operand[] parameters = new QuantizationRange(type, [scale], 0).Parameters(node);
        node.Set(node.Emit("DequantizeLinear", [node.Emit("QuantizeLinear", [data, .. parameters]), .. parameters]), node.Value(0).Native);
    }
}
