using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>
/// Computes on int8 what is between a DEQUANTIZE and a QUANTIZE, where interpreters have a kernel for it. What only moves elements is moved as int8 in any case, and converted after.
/// </summary>
internal sealed class IntegerFusion
{
    /// <summary>Operators whose results are among their inputs, and the inputs that they move.</summary>
    private static readonly Dictionary<string, int> Moving = new(StringComparer.Ordinal)
    {
        ["RESHAPE"] = 0,
        ["SQUEEZE"] = 0,
        ["EXPAND_DIMS"] = 0,
        ["TRANSPOSE"] = 0,
        ["SLICE"] = 0,
        ["STRIDED_SLICE"] = 0,
        ["GATHER"] = 0,
        ["GATHER_ND"] = 0,
        ["SPLIT"] = 1,
        ["SPLIT_V"] = 0,
        ["UNPACK"] = 0,
        ["TILE"] = 0,
        ["PAD"] = 0,
        ["MIRROR_PAD"] = 0,
        ["SPACE_TO_BATCH_ND"] = 0,
        ["BATCH_TO_SPACE_ND"] = 0,
        ["MAX_POOL_2D"] = 0,
        ["RESIZE_NEAREST_NEIGHBOR"] = 0,
        ["SPACE_TO_DEPTH"] = 0,
        ["DEPTH_TO_SPACE"] = 0,
        ["REDUCE_MAX"] = 0,
        ["REDUCE_MIN"] = 0,
        ["BROADCAST_TO"] = 0,
    };

    /// <summary>Operators that need one scale for all inputs and the output.</summary>
    private static readonly HashSet<string> Joining = new(StringComparer.Ordinal) { "CONCATENATION", "PACK", "MAXIMUM", "MINIMUM", "PADV2" };

    /// <summary>Operators that keep the input's scale, though they round.</summary>
    private static readonly HashSet<string> Averaging = new(StringComparer.Ordinal) { "AVERAGE_POOL_2D", "RESIZE_BILINEAR" };

    private static readonly HashSet<string> Free = new(StringComparer.Ordinal)
    {
        "ADD", "SUB", "MUL", "MEAN", "SUM", "SQUARED_DIFFERENCE", "RELU", "RELU6", "LEAKY_RELU", "HARD_SWISH", "ABS", "PRELU", "BATCH_MATMUL",
    };

    private static readonly HashSet<string> Layers = new(StringComparer.Ordinal) { "CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV", "FULLY_CONNECTED" };

    private readonly SubgraphDraft graph;
    private readonly Uses uses;

    private IntegerFusion(SubgraphDraft graph)
    {
        this.graph = graph;
        uses = new(graph);
    }

    /// <summary>Rewrites a subgraph.</summary>
    public static void Run(SubgraphDraft graph)
    {
        var fusion = new IntegerFusion(graph);
        foreach (OperatorDraft op in graph.Operators.ToArray())
        {
            if (graph.Operators.Contains(op))
                fusion.Rewrite(op);
        }
        DeadOperators.Remove(graph);
    }

    /// <summary>The output's scale and zero point of operators that fix it, or null.</summary>
    public static TfLiteQuantization? FixedRange(string op) => op switch
    {
        "SOFTMAX" or "LOGISTIC" => new([1 / 256f], [-128], 0),
        "TANH" or "L2_NORMALIZATION" => new([1 / 128f], [0], 0),
        "LOG_SOFTMAX" => new([16 / 256f], [127], 0),
        _ => null,
    };

    private void Rewrite(OperatorDraft op)
    {
        if (op.Name == "QUANTIZE")
            RewriteQuantize(op);
        else if (Moving.TryGetValue(op.Name, out int moved))
            Move(op, moved);
        else if (Joining.Contains(op.Name))
            Join(op);
        else if (op.Name is "ARG_MAX" or "ARG_MIN" && QuantizedOf(op.Inputs[0]) is { } argument)
            uses.SetInput(op, 0, argument);
        else if (op.Outputs is [{ Type: TensorType.Float32 } result] && uses.AreAll(result, "QUANTIZE"))
            Compute(op, result);
    }

    /// <summary>The int8 tensor that a real one is converted from, or null.</summary>
    private TensorDraft? QuantizedOf(TensorDraft? real) =>
        uses.Producer(real) is { Name: "DEQUANTIZE" } dequantize && dequantize.Inputs[0] is { Type: TensorType.Int8, Constant: null, Quantization.IsPerTensor: true } quantized ? quantized : null;

    private static bool AreEqual(TfLiteQuantization one, TfLiteQuantization other) => one.Scale.Equals(other.Scale) && one.ZeroPoint == other.ZeroPoint;

    private void RewriteQuantize(OperatorDraft op)
    {
        if (QuantizedOf(op.Inputs[0]) is not { } quantized || op.Outputs[0].Type != TensorType.Int8)
            return;
        if (AreEqual(quantized.Quantization!, op.Outputs[0].Quantization!) && !graph.Outputs.Contains(op.Outputs[0]))
        {
            uses.Redirect(op.Outputs[0], quantized);
            uses.Remove(op);
        }
        else
        {
            uses.SetInput(op, 0, quantized);
        }
    }

    private void Move(OperatorDraft op, int input)
    {
        if (QuantizedOf(op.Inputs[input]) is not { } quantized || (op.Name == "MAX_POOL_2D" && op.Options.Int("activation") != 0))
            return;
        uses.SetInput(op, input, quantized);
        MakeInteger(op, quantized.Quantization!);
    }

    private void Join(OperatorDraft op)
    {
        TensorDraft?[] data = op.Name == "PADV2" ? [op.Inputs[0], op.Inputs[2]] : [.. op.Inputs];
        TensorDraft?[] quantized = [.. data.Select(QuantizedOf)];
        if (quantized.OfType<TensorDraft>().FirstOrDefault() is not { } first || op.Outputs[0].Type != TensorType.Float32)
            return;
        bool isOne = quantized.OfType<TensorDraft>().All(other => AreEqual(other.Quantization!, first.Quantization!)) && quantized.Zip(data).All(pair => pair.First is not null || IsQuantizable(pair.Second, first.Quantization!));
        TfLiteQuantization? target = isOne ? first.Quantization
            : uses.AreAll(op.Outputs[0], "QUANTIZE") && op.Name == "CONCATENATION" && quantized.All(other => other is not null) ? uses.Consumers(op.Outputs[0])[0].Outputs[0].Quantization
            : null;
        if (target is null || (op.Name == "CONCATENATION" && op.Options.Int("activation") != 0))
            return;
        for (int i = 0; i < op.Inputs.Count; i++)
        {
            if (op.Name == "PADV2" && i == 1)
                continue;
            TensorDraft? own = QuantizedOf(op.Inputs[i]);
            uses.SetInput(op, i, own is null ? Quantized(op.Inputs[i]!, target) : AreEqual(own.Quantization!, target) ? own : Requantized(op, own, target));
        }
        MakeInteger(op, target);
    }

    /// <summary>True for a constant whose values the range holds exactly enough.</summary>
    private static bool IsQuantizable(TensorDraft? tensor, TfLiteQuantization range)
    {
        if (tensor?.Constant is not { Type: DataType.Float } constant)
            return false;
        foreach (float value in constant.AsSpan<float>())
        {
            double level = (value / range.Scale) + range.ZeroPoint;
            if (!(level is >= -128.5 and <= 127.5) || Math.Abs(level - Math.Round(level)) > 0.01)
                return false;
        }
        return true;
    }

    private TensorDraft Requantized(OperatorDraft before, TensorDraft quantized, TfLiteQuantization range)
    {
        OperatorSchema schema = OperatorSchema.Of("QUANTIZE");
        var result = new TensorDraft(quantized.Name + "/requantized", TensorType.Int8) { Shapes = quantized.Shapes, Quantization = range };
        var op = new OperatorDraft(schema, [quantized], [result], OptionValues.Defaults(schema));
        graph.Operators.InsertBefore(before, op);
        uses.Add(op);
        return result;
    }

    /// <summary>Lets an operator give int8, converted after for those that read real values.</summary>
    private void MakeInteger(OperatorDraft op, TfLiteQuantization range)
    {
        for (int i = 0; i < op.Outputs.Count; i++)
        {
            TensorDraft real = op.Outputs[i];
            if (real.Type != TensorType.Float32)
                continue;
            bool isOutput = graph.Outputs.Contains(real);
            var quantized = new TensorDraft(isOutput ? real.Name + "/int8" : real.Name, TensorType.Int8) { Shapes = real.Shapes, Quantization = range };
            uses.SetOutput(op, i, quantized);
            OperatorSchema schema = OperatorSchema.Of("DEQUANTIZE");
            var dequantize = new OperatorDraft(schema, [quantized], [real], OptionValues.Defaults(schema));
            real.Name = isOutput ? real.Name : real.Name + "/real";
            graph.Operators.InsertAfter(op, dequantize);
            uses.Add(dequantize);
        }
    }

    private void Compute(OperatorDraft op, TensorDraft result)
    {
        OperatorDraft[] quantizes = [.. uses.Consumers(result)];
        TfLiteQuantization range = quantizes[0].Outputs[0].Quantization!;
        if (quantizes[0].Outputs[0].Type != TensorType.Int8)
            return;
        TfLiteQuantization? own = FixedRange(op.Name);
        bool isRight = own is not null ? TryTakeData(op, 1)
            : Averaging.Contains(op.Name) ? TryTakeData(op, 1)
            : Layers.Contains(op.Name) ? TryTakeLayer(op)
            : Free.Contains(op.Name) && TryTakeData(op, op.Inputs.Count);
        if (!isRight)
            return;
        TfLiteQuantization given = own ?? (Averaging.Contains(op.Name) ? op.Inputs[0]!.Quantization! : range);
        OperatorDraft? same = quantizes.FirstOrDefault(quantize => AreEqual(quantize.Outputs[0].Quantization!, given));
        TensorDraft quantized = same is null ? new TensorDraft(result.Name, TensorType.Int8) { Shapes = result.Shapes, Quantization = given } : same.Outputs[0];
        foreach (OperatorDraft quantize in quantizes)
        {
            if (quantize == same)
                uses.Remove(quantize);
            else if (AreEqual(quantize.Outputs[0].Quantization!, given))
                Alias(quantize, quantized);
            else
                uses.SetInput(quantize, 0, quantized);
        }
        uses.SetOutput(op, 0, quantized);
    }

    private void Alias(OperatorDraft quantize, TensorDraft quantized)
    {
        uses.Redirect(quantize.Outputs[0], quantized);
        uses.Remove(quantize);
    }

    /// <summary>Lets an operator read int8 where it read real values: converted ones, or float constants, which are quantized.</summary>
    private bool TryTakeData(OperatorDraft op, int count)
    {
        if (QuantizedOf(op.Inputs[0]) is null && (op.Inputs.Count < 2 || QuantizedOf(op.Inputs[1]) is null))
            return false;
        var taken = new TensorDraft?[count];
        for (int i = 0; i < count; i++)
        {
            TensorDraft? input = op.Inputs[i];
            taken[i] = input is null || input.Type != TensorType.Float32 ? input : QuantizedOf(input) ?? Quantized(input);
            if (input is not null && taken[i] is null)
                return false;
        }
        for (int i = 0; i < count; i++)
            uses.SetInput(op, i, taken[i]);
        return true;
    }

    private bool TryTakeLayer(OperatorDraft op)
    {
        int data = op.Name == "TRANSPOSE_CONV" ? 2 : 0;
        int bias = data + (data == 0 ? 2 : 1);
        if (QuantizedOf(op.Inputs[data]) is not { } quantized || uses.Producer(op.Inputs[1]) is not { Name: "DEQUANTIZE" } dequantize
            || dequantize.Inputs[0] is not { Type: TensorType.Int8, Constant: not null, Quantization: { } weights } filter || weights.ZeroPoints.Any(zero => zero != 0))
            return false;
        if (op.Inputs.ElementAtOrDefault(bias) is { Constant: null })
            return false;
        float[]? real = op.Inputs.ElementAtOrDefault(bias)?.Constant?.AsSpan<float>().ToArray();
        int channels = op.Name == "DEPTHWISE_CONV_2D" ? filter.Shape[3] : filter.Shape[0];
        if (real is not null || op.Name is not ("FULLY_CONNECTED" or "TRANSPOSE_CONV"))
        {
            if (IntegerBias(real, channels, quantized.Quantization!.Scale, weights, op.Inputs.ElementAtOrDefault(bias)?.Name ?? op.Outputs[0].Name + "/bias") is not { } integers)
                return false;
            uses.SetInput(op, bias, integers);
        }
        uses.SetInput(op, data, quantized);
        uses.SetInput(op, 1, filter);
        return true;
    }

    /// <summary>A bias in units of the products, or null when it does not fit into 32 bits.</summary>
    private static TensorDraft? IntegerBias(float[]? real, int channels, float scale, TfLiteQuantization weights, string name)
    {
        int[] bias = new int[channels];
        float[] scales = [.. weights.Scales.Select(own => (float)((double)own * scale))];
        for (int c = 0; c < channels && real is not null; c++)
        {
            double value = Math.Round(real[c] / (double)scales[c % scales.Length]);
            if (!(Math.Abs(value) < int.MaxValue))
                return null;
            bias[c] = (int)value;
        }
        return TensorDraft.Of(name, Tensor.Create<int>(DataType.Int32, TensorShape.Of(channels), bias), new([.. scales], [.. scales.Select(_ => 0L)], 0));
    }

    /// <summary>A float constant as int8, over the range of its values and zero; null for what is no finite constant.</summary>
    private static TensorDraft? Quantized(TensorDraft tensor)
    {
        if (tensor.Constant is not { Type: DataType.Float } constant)
            return null;
        double min = 0;
        double max = 0;
        foreach (float value in constant.AsSpan<float>())
        {
            if (!float.IsFinite(value))
                return null;
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }
        double scale = max > min ? (max - min) / 255 : 1;
        return Quantized(tensor, new([(float)scale], [(long)Math.Clamp(Math.Round(-128 - (min / scale)), -128, 127)], 0));
    }

    /// <summary>A float constant as int8 of a range.</summary>
    public static TensorDraft Quantized(TensorDraft tensor, TfLiteQuantization range)
    {
        Tensor quantized = Tensor.Allocate<sbyte>(DataType.Int8, tensor.Constant!.Shape, out var elements);
        ReadOnlySpan<float> values = tensor.Constant.AsSpan<float>();
        for (int i = 0; i < elements.Length; i++)
            elements[i] = (sbyte)Math.Clamp(Math.Round((values[i] / (double)range.Scale) + range.ZeroPoint), -128, 127);
        return TensorDraft.Of(tensor.Name, quantized, range);
    }
}
