using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Cpu.Microkernels.Requantize;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.QdqFusion;

/// <summary>Conversions between real values and 8-bit values in mode SCALED, of whole tensors and with constant ranges.</summary>
internal static class ScaledQuantization
{
    /// <summary>How a QuantizeV2 goes from real values to quantized values, and the range of the quantized values; null when it is of another kind or its range not finite.</summary>
    public static (QuantizationScale Scaling, QuantizationRange Range)? Quantization(PlanGraph graph, AnalyzedNode node)
    {
        if (node.Node.Op != "QuantizeV2" || graph[new(node.Index, 0)].Type is not (DataType.QUInt8 or DataType.QInt8) || node.Node.Int("axis") != -1 || Range(graph, node) is not { } given)
            return null;
        var mode = QuantizationMode.Of(node.Node);
        if (mode.Mode != "SCALED" || given.Max < given.Min)
            return null;
        bool isSigned = graph[new(node.Index, 0)].Type == DataType.QInt8;
        QuantizationRange widened = QuantizeV2.Widen(given.Flushed, node.Node.Float("ensure_minimum_range"));
        QuantizationRange range = isSigned ? mode.Adjust<sbyte>(widened) : mode.Adjust<byte>(widened);
        float factor = isSigned ? mode.Factor<sbyte>(range) : mode.Factor<byte>(range);
        return range.IsFinite && float.IsNormal(factor) ? (new(factor, range.Min, range.Max, mode.RoundsToEven), range) : null;
    }

    /// <summary>What a quantized value of a Dequantize counts; null when it is of another kind or not a normal real value.</summary>
    public static float? Scale(PlanGraph graph, AnalyzedNode node)
    {
        DataType type = node.DataInputs > 0 ? graph[graph.Input(node, 0)].Type : DataType.Invalid;
        bool fits = node.Node.Op == "Dequantize" && type is DataType.QUInt8 or DataType.QInt8 && node.Node.Text("mode") == "SCALED" && node.Node.Int("axis") == -1 && graph[new(node.Index, 0)].IsStaticFloat;
        if (!fits || Range(graph, node) is not { } range)
            return null;
        bool isNarrow = node.Node.Bool("narrow_range");
        float scale = type == DataType.QInt8 ? Kernels.Quantized.Ranges.Dequantize.Scale<sbyte>(range.Flushed, isNarrow) : Kernels.Quantized.Ranges.Dequantize.Scale<byte>(range.Flushed, isNarrow);
        return float.IsNormal(scale) && scale > 0 ? scale : null;
    }

    private static QuantizationRange? Range(PlanGraph graph, AnalyzedNode node) =>
        graph[graph.Input(node, 1)].Constant is { ElementCount: > 0, Type: DataType.Float } min && graph[graph.Input(node, 2)].Constant is { ElementCount: > 0, Type: DataType.Float } max
            ? QuantizationRange.Read([min, max], 0)
            : null;
}
