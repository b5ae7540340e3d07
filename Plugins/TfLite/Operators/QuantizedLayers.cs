using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Fused ops of static 8-bit graphs.
/// <code>
/// QuantizedConv2DWithBias[AndRelu]AndRequantize(x, w, b, ranges)        →   CONV_2D of int8 {activation}
/// QuantizedConv2DWithBiasSumAndReluAndRequantize(…, residual, range)    →   CONV_2D of int8, whose range holds what the sum needs;  ADD {RELU}
/// Mul(Cast(Bitcast(QuantizedConv2DWithBias(x, w, b))), units)           →   CONV_2D of real values, its weights int8
/// RequantizePerChannel(QuantizedDepthwiseConv2DWithBias(x, w, b))       →   DEPTHWISE_CONV_2D of int8
/// </code>
/// </summary>
[OperatorConverter(Nodes = ["QuantizedConv2DWithBiasAndRequantize", "QuantizedConv2DWithBiasAndReluAndRequantize", "QuantizedConv2DWithBiasSumAndReluAndRequantize", "QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize",
    "QuantizedConv2DWithBias", "QuantizedDepthwiseConv2DWithBias", "RequantizePerChannel", "QuantizedMaxPool", "QuantizedAvgPool", "QuantizedConcatV2"])]
internal sealed class QuantizedLayers : OperatorConverter
{
    private const int Relu = 1;

    public override void Write(NodeWriter node)
    {
        switch (node.Node.Op)
        {
            case "QuantizedConv2DWithBias" or "QuantizedDepthwiseConv2DWithBias":
                WriteAccumulators(node);
                break;
            case "RequantizePerChannel":
                WriteRequantized(node);
                break;
            case "QuantizedMaxPool" or "QuantizedAvgPool":
                WritePool(node);
                break;
            case "QuantizedConcatV2":
                WriteConcat(node);
                break;
            case "QuantizedConv2DWithBiasSumAndReluAndRequantize":
                WriteResidual(node);
                break;
            default:
                int zero = node.Subgraph.Ranges.Zero(NodeInput.Data(node.Node.Name));
                TfLiteQuantization range = QuantizedConversions.Range(node, NodeInput.Data(node.Node.Name), node.Node.Type("out_type"));
                bool isRelu = node.Node.Op.Contains("Relu", StringComparison.Ordinal) && zero == 0;
                node.Out(Layer(node, Scales(node, 5), range, zero, isRelu ? Relu : 0));
                break;
        }
    }

    /// <summary>Scales of the filter from its range.</summary>
    private static float[] Scales(NodeWriter node, int input) =>
        [.. (node.Subgraph.Ranges.Ends(node.Reference(input), node.Reference(input + 1)) ?? throw node.Decline("the range of its filter must be constant")).Select(WeightsWriter.ScaleOf)];

    /// <summary>An operator of int8 from and to int8.</summary>
    private static TensorDraft Layer(NodeWriter node, float[] weightScales, TfLiteQuantization result, int resultZero, int activation)
    {
        TensorDraft x = Data(node);
        TensorDraft w = Weights(node, weightScales, out int channels);
        double[] units = [.. Enumerable.Range(0, channels).Select(c => (double)x.Quantization!.Scale * weightScales[c % weightScales.Length])];
        long[] bias = Bias(node, units);
        int[] columns = ColumnSums(node, w, channels);
        int zero = ZeroOf(node);
        int[] shifted = new int[channels];
        for (int c = 0; c < channels; c++)
            shifted[c] = checked((int)(bias[c] + ((long)zero * columns[c]) - (long)Math.Round(resultZero * result.Scale / units[c])));
        return Emit(node, x, w, IntegerBias(node, shifted, units), TensorType.Int8, result, activation);
    }

    /// <summary>Accumulators that units turn into real values: a layer of real values with int8 weights.</summary>
    private static void WriteAccumulators(NodeWriter node)
    {
        if (FindRequantization(node) is not null)
        {
            node.Out(Data(node));
            return;
        }
        TensorDraft x = Data(node);
        float[] units = FindUnits(node) ?? throw node.Decline("its accumulators are read otherwise than by Bitcast, Cast and Mul of constant units", "Quantize the graph again with this version.");
        float[] scales = [.. units.Select(unit => unit / x.Quantization!.Scale)];
        TensorDraft w = Weights(node, scales, out int channels);
        Tensor bias = node.Required(2);
        int[] columns = ColumnSums(node, w, channels);
        int zero = ZeroOf(node);
        float[] real = new float[channels];
        for (int c = 0; c < channels; c++)
            real[c] = (float)((BiasElement(node, bias, c) + ((double)zero * columns[c])) * units[c % units.Length]);
        TensorDraft data = node.Emit("DEQUANTIZE", [x], TensorType.Float32);
        TensorDraft weights = node.Emit("DEQUANTIZE", [node.Subgraph.Model.Shared(w)], TensorType.Float32);
        TensorDraft result = Emit(node, data, weights, node.Constant(Tensor.Create<float>(DataType.Float, TensorShape.Of(channels), real)), TensorType.Float32, null, 0);
        node.Subgraph.Scaled.Add(result);
        node.Out(result);
    }

    private static void WriteRequantized(NodeWriter node)
    {
        Node layer = node.Subgraph.Graph.Find(node.Reference(0).Node)!;
        if (layer.Op is not ("QuantizedDepthwiseConv2DWithBias" or "QuantizedConv2DWithBias"))
            throw node.Decline("it reads no accumulators of a layer");
        var inner = new NodeWriter(node.Subgraph, Toolkit.Ops.OpDefaults.Complete(layer));
        float[] ends = node.Subgraph.Ranges.Ends(node.Reference(1), node.Reference(2)) ?? throw node.Decline("the ranges of its accumulators must be constant");
        float scale = Data(inner).Quantization!.Scale;
        float[] weightScales = [.. ends.Select(end => (float)(end / 2147483648.0 / scale))];
        TensorDraft result = Layer(inner, weightScales, QuantizedConversions.Range(node, NodeInput.Data(node.Node.Name), node.Node.Type("out_type")), 0, 0);
        node.Out(result);
        inner.Finish();
    }

    /// <summary>The convolution's own range need only hold what changes the sum: beyond it, the sum is clipped anyway.</summary>
    private static void WriteResidual(NodeWriter node)
    {
        TfLiteQuantization range = QuantizedConversions.Range(node, NodeInput.Data(node.Node.Name), DataType.QUInt8);
        TensorDraft residual = node.In(9);
        residual.Quantization ??= QuantizedConversions.Range(node, node.Reference(9), node.Node.Type("Tsummand"));
        double highest = 255.0 * range.Scale;
        double lowest = -(127.0 - residual.Quantization.ZeroPoint) * residual.Quantization.Scale;
        double scale = (highest - lowest) / 255;
        int zero = (int)Math.Round(-lowest / scale);
        TensorDraft layer = Layer(node, Scales(node, 5), new([(float)scale], [zero - 128L], 0), 0, 0);
        TensorDraft sum = node.Emit("ADD", [layer, residual], ("activation", Relu));
        sum.Quantization = range;
        node.Out(sum);
    }

    private static void WritePool(NodeWriter node)
    {
        TensorDraft x = Data(node);
        var sizes = node.Node.LongList("ksize");
        TensorDraft pooled = node.Emit(node.Node.Op == "QuantizedMaxPool" ? "MAX_POOL_2D" : "AVERAGE_POOL_2D", [x], [.. Windows.Options(node), ("filter_height", node.Size(sizes[1], "ksize")), ("filter_width", node.Size(sizes[2], "ksize"))]);
        pooled.Quantization = x.Quantization;
        node.Out(pooled);
    }

    /// <summary>Inputs of narrower ranges are rounded to the widest one.</summary>
    private static void WriteConcat(NodeWriter node)
    {
        int count = node.Int("N");
        TensorDraft[] parts = [.. Enumerable.Range(0, count).Select(node.In)];
        foreach (var (part, i) in parts.Select((part, i) => (part, i)))
            part.Quantization ??= QuantizedConversions.Range(node, node.Reference(i), node.Node.Type("T"));
        TfLiteQuantization widest = parts.MaxBy(part => part.Quantization!.Scale)!.Quantization!;
        TensorDraft?[] same = [.. parts.Select(part => part.Quantization!.Scale.Equals(widest.Scale) && part.Quantization.ZeroPoint == widest.ZeroPoint ? part : QuantizedConversions.Quantize(node, part, widest))];
        TensorDraft joined = node.Emit("CONCATENATION", [.. same], ("axis", checked((int)node.RequiredIntegers(count)[0])));
        joined.Quantization = widest;
        node.Out(joined);
    }

    private static TensorDraft Data(NodeWriter node)
    {
        TensorDraft x = node.In(0);
        x.Quantization ??= QuantizedConversions.Range(node, node.Reference(0), node.Node.TypeAttribute("Tinput") ?? node.Node.Type("T"));
        return x;
    }

    /// <summary>The value of zero among the data; padding puts in the value 0, which must then be zero.</summary>
    private static int ZeroOf(NodeWriter node)
    {
        int zero = node.Subgraph.Ranges.Zero(node.Reference(0));
        return zero == 0 || node.Node.String("padding") == "VALID" ? zero : throw node.Decline("its padding is not zero in real values");
    }

    private static TensorDraft Weights(NodeWriter node, float[] scales, out int channels)
    {
        Tensor filter = node.Required(1);
        bool isDepthwise = node.Node.Op.Contains("Depthwise", StringComparison.Ordinal);
        channels = (int)(isDepthwise ? filter.Shape[2] * filter.Shape[3] : filter.Shape[3]);
        if (scales.Length != 1 && scales.Length != channels)
            throw node.Decline($"its filter has {scales.Length} ranges for {channels} channels");
        Tensor arranged = isDepthwise ? TensorLayout.Reshape(filter, 1, filter.Shape[0], filter.Shape[1], channels) : TensorLayout.Transpose(filter, 3, 0, 1, 2);
        return TensorDraft.Of(node.In(1).Name, arranged, new([.. scales], [.. scales.Select(_ => 0L)], isDepthwise && scales.Length > 1 ? 3 : 0));
    }

    private static int[] ColumnSums(NodeWriter node, TensorDraft weights, int channels)
    {
        bool isDepthwise = node.Node.Op.Contains("Depthwise", StringComparison.Ordinal);
        int[] sums = new int[channels];
        ReadOnlySpan<sbyte> elements = weights.Constant!.AsSpan<sbyte>();
        int inner = Math.Max(1, elements.Length / channels);
        for (int i = 0; i < elements.Length; i++)
            sums[isDepthwise ? i % channels : i / inner] += elements[i];
        return sums;
    }

    private static long[] Bias(NodeWriter node, double[] units)
    {
        Tensor bias = node.Required(2);
        if (bias.ElementCount != units.Length)
            throw node.Decline($"its bias has {bias.ElementCount} elements for {units.Length} channels");
        return [.. units.Select((unit, c) => bias.Type == DataType.Int32 ? bias.AsSpan<int>()[c]
            : node.Node.TypeAttribute("Tbias") == DataType.Float ? (long)Math.Round(bias.AsSpan<float>()[c] / unit) : (long)Math.Round(BiasElement(node, bias, c)))];
    }

    private static double BiasElement(NodeWriter node, Tensor bias, int channel) => bias.Type switch
    {
        DataType.Int32 => bias.AsSpan<int>()[channel],
        DataType.Float => bias.AsSpan<float>()[channel],
        _ => throw node.Decline($"its bias is of {bias.Type.Name()}"),
    };

    private static TensorDraft IntegerBias(NodeWriter node, int[] bias, double[] units)
    {
        bool isOne = units.All(unit => unit.Equals(units[0]));
        float[] scales = [.. (isOne ? units[..1] : units).Select(unit => (float)unit)];
        return TensorDraft.Of(node.In(2).Name, Tensor.Create<int>(DataType.Int32, TensorShape.Of(bias.Length), bias), new([.. scales], [.. scales.Select(_ => 0L)], 0));
    }

    private static TensorDraft Emit(NodeWriter node, TensorDraft x, TensorDraft w, TensorDraft bias, TensorType type, TfLiteQuantization? quantization, int activation)
    {
        bool isDepthwise = node.Node.Op.Contains("Depthwise", StringComparison.Ordinal);
        (string, object)[] options = [.. Windows.Options(node), .. Windows.DilationOptions(node), ("activation", activation)];
        if (isDepthwise)
            options = [.. options, ("depth_multiplier", w.Shape[3] / x.Shape[3])];
        TensorDraft result = node.Emit(isDepthwise ? "DEPTHWISE_CONV_2D" : "CONV_2D", [x, w, bias], type, options);
        result.Quantization = quantization;
        return result;
    }

    private static Node? FindRequantization(NodeWriter node) =>
        node.Subgraph.Graph.ConsumersOf(node.Node).Select(consumer => consumer.Node).FirstOrDefault(consumer => consumer.Op == "RequantizePerChannel");

    /// <summary>The constant that the accumulators are multiplied by.</summary>
    private static float[]? FindUnits(NodeWriter node)
    {
        Graph graph = node.Subgraph.Graph;
        Node? bitcast = Only(node.Node.Name, "Bitcast");
        Node? cast = bitcast is null ? null : Only(bitcast.Name, "Cast");
        Node? mul = cast is null ? null : Only(cast.Name, "Mul");
        if (mul is null)
            return null;
        return node.Subgraph.Ranges.Values(mul.Inputs[mul.Inputs[0].Node == cast!.Name ? 1 : 0]);

        Node? Only(string name, string op) => graph.ConsumersOf(name) is [var only] && only.Node.Op == op ? only.Node : null;
    }
}
