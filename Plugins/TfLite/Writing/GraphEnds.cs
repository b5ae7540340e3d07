using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>Gives inputs and outputs the type that is asked for: int8 or uint8 where quantized values are behind them, or float.</summary>
internal sealed class GraphEnds
{
    private readonly SubgraphDraft graph;
    private readonly Uses uses;

    private GraphEnds(SubgraphDraft graph)
    {
        this.graph = graph;
        uses = new(graph);
    }

    /// <summary>Changes the ends of the main subgraph.</summary>
    /// <param name="graph">The subgraph.</param>
    /// <param name="ends"><c>int8</c>, <c>uint8</c> or <c>float</c>.</param>
    /// <exception cref="ModelFormatException">An end has no range.</exception>
    public static void Set(SubgraphDraft graph, string ends)
    {
        var change = new GraphEnds(graph);
        for (int i = 0; i < graph.Inputs.Count; i++)
            change.SetInput(i, ends);
        for (int i = 0; i < graph.Outputs.Count; i++)
            change.SetOutput(i, ends);
        DeadOperators.Remove(graph);
    }

    private void SetInput(int index, string ends)
    {
        TensorDraft input = graph.Inputs[index];
        if (input.Type == TensorType.Float32 && ends != "float")
            input = QuantizedInput(index, input);
        if (input.Type == TensorType.Int8 && input.Quantization is not null && ends != "int8")
            Insert(index, input, ends == "uint8" ? TensorType.UInt8 : TensorType.Float32);
    }

    /// <summary>Makes the int8 values of an input the input.</summary>
    private TensorDraft QuantizedInput(int index, TensorDraft input)
    {
        if (uses.Consumers(input).FirstOrDefault(op => op.Name == "QUANTIZE") is not { } quantize)
            return RescaledInput(index, input) ?? throw TfLiteDiagnostics.Unwritable($"input '{input.Name}' has no range, so it cannot be int8", "Quantize the graph first, its first layer included, or write float ends (--ends=float).");
        TensorDraft quantized = quantize.Outputs[0];
        foreach (OperatorDraft other in uses.Consumers(input).Where(op => op != quantize).Distinct().ToArray())
            Convert(other, input, quantized);
        uses.Remove(quantize);
        quantized.Name = input.Name;
        quantized.IsInput = true;
        graph.Inputs[index] = quantized;
        return quantized;
    }

    /// <summary>
    /// The int8 values of an input that is scaled and shifted before it is quantized: its range is the one that the quantized values have before that. Null where it is not so.
    /// <code>
    /// QUANTIZE(x · m + a) of scale s and zero point z     →     x of scale s / m and zero point z + a / s
    /// </code>
    /// </summary>
    private TensorDraft? RescaledInput(int index, TensorDraft input)
    {
        var (factor, shift) = (1.0, 0.0);
        OperatorDraft? step = uses.OnlyConsumer(input);
        while (step is { Name: "MUL" or "ADD" or "SUB" } && step.Options.Int("activation") == 0 && step.Inputs[1]?.Constant is { Type: DataType.Float, ElementCount: 1 } constant)
        {
            double value = constant.AsSpan<float>()[0];
            (factor, shift) = step.Name == "MUL" ? (factor * value, shift * value) : (factor, step.Name == "ADD" ? shift + value : shift - value);
            step = uses.OnlyConsumer(step.Outputs[0]);
        }
        if (step is not { Name: "QUANTIZE" } || step.Outputs[0].Quantization is not { IsPerTensor: true } range || !(factor > 0))
            return null;
        long zero = Math.Clamp((long)Math.Round(range.ZeroPoint + (shift / range.Scale)), sbyte.MinValue, sbyte.MaxValue);
        var quantized = new TensorDraft(input.Name, TensorType.Int8) { Shapes = input.Shapes, IsInput = true, Quantization = new([(float)(range.Scale / factor)], [zero], 0) };
        Convert(uses.OnlyConsumer(input)!, input, quantized);
        graph.Inputs[index] = quantized;
        return quantized;
    }

    /// <summary>Lets an operator that reads the real input read the converted int8 one.</summary>
    private void Convert(OperatorDraft op, TensorDraft input, TensorDraft quantized)
    {
        TensorDraft real = Add("DEQUANTIZE", quantized, TensorType.Float32, null, op, input.Name + "/real");
        for (int i = 0; i < op.Inputs.Count; i++)
        {
            if (op.Inputs[i] == input)
                uses.SetInput(op, i, real);
        }
    }

    private void Insert(int index, TensorDraft quantized, TensorType type)
    {
        var outer = new TensorDraft(quantized.Name, type) { Shapes = quantized.Shapes, IsInput = true, Quantization = type == TensorType.UInt8 ? Unsigned(quantized.Quantization!) : null };
        OperatorSchema schema = OperatorSchema.Of("QUANTIZE");
        var op = new OperatorDraft(schema, [outer], [quantized], OptionValues.Defaults(schema));
        quantized.Name += "/int8";
        quantized.IsInput = false;
        graph.Operators.AddFirst(op);
        uses.Add(op);
        graph.Inputs[index] = outer;
    }

    private void SetOutput(int index, string ends)
    {
        TensorDraft output = graph.Outputs[index];
        string name = output.Name;
        if (output.Type == TensorType.Float32 && ends != "float")
            output = QuantizedOutput(output);
        if (output.Type == TensorType.Int8 && output.Quantization is not null && ends != "int8")
            output = ends == "uint8"
                ? Add("QUANTIZE", output, TensorType.UInt8, Unsigned(output.Quantization), null, name)
                : Add("DEQUANTIZE", output, TensorType.Float32, null, null, name);
        if (output != graph.Outputs[index])
            output.Name = name;
        graph.Outputs[index] = output;
    }

    private TensorDraft QuantizedOutput(TensorDraft output)
    {
        OperatorDraft? producer = uses.Producer(output);
        if (producer is { Name: "DEQUANTIZE" } && producer.Inputs[0] is { Type: TensorType.Int8 } quantized)
            return quantized;
        OperatorDraft? source = producer;
        while (source is { Name: "RESHAPE" or "SQUEEZE" or "EXPAND_DIMS" or "TRANSPOSE" })
            source = uses.Producer(source.Inputs[0]);
        TfLiteQuantization range = (source is null ? null : IntegerFusion.FixedRange(source.Name))
            ?? throw TfLiteDiagnostics.Unwritable($"output '{output.Name}' has no range, so it cannot be int8", "Quantize the last layer's result too, or write float ends (--ends=float).");
        string name = output.Name;
        output.Name += "/real";
        return Add("QUANTIZE", output, TensorType.Int8, range, null, name);
    }

    private TensorDraft Add(string name, TensorDraft input, TensorType type, TfLiteQuantization? range, OperatorDraft? before, string result)
    {
        OperatorSchema schema = OperatorSchema.Of(name);
        var output = new TensorDraft(result, type) { Shapes = input.Shapes, Quantization = range };
        if (input.Name == result)
            input.Name += "/int8";
        var op = new OperatorDraft(schema, [input], [output], OptionValues.Defaults(schema));
        if (before is null)
            graph.Operators.Add(op);
        else
            graph.Operators.InsertBefore(before, op);
        uses.Add(op);
        return output;
    }

    private static TfLiteQuantization Unsigned(TfLiteQuantization signed) => signed with { ZeroPoints = [signed.ZeroPoint + 128L] };
}
