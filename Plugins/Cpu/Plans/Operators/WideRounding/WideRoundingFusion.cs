using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.WideRounding;

/// <summary>
/// A QuantizeV2 to qint16 by mode SCALED of a constant range, which only a Dequantize of a constant range reads. Products with qint8 weights take the quantized values; others
/// real values rounded to the steps of 16 bits. Each is computed where a reader asks for it.
/// </summary>
[Fusion("QuantizeV2")]
internal sealed class WideRoundingFusion : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var quantized = new TensorSource(node.Index, 0);
        if (graph[quantized].Type != DataType.QInt16 || !graph[source].IsStaticFloat || !graph[quantized].IsStatic || Rounding(graph, node) is not { } rounding)
            return false;
        if (graph.OnlyReader(quantized) is not { ControlInputs: 0 } reader || !PlanGraph.IsOwn(reader) || Step(graph, reader, quantized) is not { } step)
            return false;
        var reals = new TensorSource(reader.Index, 0);
        builder.Tensors.Defer(reals, () =>
        {
            PlanBuffer read = builder.Tensors.ReadInPlace(source);
            builder.Add(new WideRoundingOperator(read, builder.Tensors.Write(reals), rounding, step) { Node = node.Node });
        });
        builder.Tensors.Defer(quantized, () =>
        {
            PlanBuffer read = builder.Tensors.ReadInPlace(source);
            builder.Add(new WideQuantizeOperator(read, builder.Tensors.Write(quantized), rounding) { Node = node.Node });
        });
        builder.WideTensors.Add(reals, new(quantized, step));
        builder.Tensors.SetConstant(quantized with { Port = 1 }, Tensor.Scalar(rounding.Range.Min));
        builder.Tensors.SetConstant(quantized with { Port = 2 }, Tensor.Scalar(rounding.Range.Max));
        builder.Absorb(reader);
        return true;
    }

    /// <summary>The range of the quantized values and how many are in one; null for another kind.</summary>
    private static WideSteps? Rounding(PlanGraph graph, AnalyzedNode node)
    {
        if (!PlanGraph.IsOwn(node) || node.Node.Int("axis") != -1 || Constants(graph, node) is not { } given || given.Max < given.Min)
            return null;
        var mode = QuantizationMode.Of(node.Node);
        if (mode is not { Mode: "SCALED", RoundsToEven: true })
            return null;
        QuantizationRange range = mode.Adjust<short>(QuantizeV2.Widen(given.Flushed, node.Node.Float("ensure_minimum_range")));
        float factor = mode.Factor<short>(range);
        return range.IsFinite && float.IsNormal(factor) ? new WideSteps(range, factor) : null;
    }

    /// <summary>What a quantized value counts.</summary>
    private static float? Step(PlanGraph graph, AnalyzedNode reader, TensorSource quantized)
    {
        bool fits = reader.Node.Op == "Dequantize" && graph.Input(reader, 0).Equals(quantized) && reader.Node.Text("mode") == "SCALED" && reader.Node.Int("axis") == -1 && graph[new(reader.Index, 0)].IsStaticFloat;
        if (!fits || Constants(graph, reader) is not { } range)
            return null;
        float step = Kernels.Quantized.Ranges.Dequantize.Scale<short>(range.Flushed, reader.Node.Bool("narrow_range"));
        return float.IsNormal(step) && step > 0 ? step : null;
    }

    private static QuantizationRange? Constants(PlanGraph graph, AnalyzedNode node) =>
        graph[graph.Input(node, 1)].Constant is { ElementCount: 1, Type: DataType.Float } min && graph[graph.Input(node, 2)].Constant is { ElementCount: 1, Type: DataType.Float } max
            ? QuantizationRange.Read([min, max], 0)
            : null;
}
