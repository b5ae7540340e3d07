using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Planning;
using TransformFramework.Cpu.Vectors;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>Conversions between numbers and 8-bit codes in mode SCALED, of whole tensors and with constant ranges.</summary>
internal static class ScaledCodes
{
    /// <summary>How a QuantizeV2 goes from numbers to codes, and the range of the codes; null when it is of another kind or its range out of the ordinary.</summary>
    public static (CodeScaling Scaling, CodeRange Range)? Quantization(PlanGraph graph, ProgramNode node)
    {
        if (node.Node.Op != "QuantizeV2" || graph[new(node.Index, 0)].Type is not (DataType.QUInt8 or DataType.QInt8) || node.Node.Int("axis") != -1 || Range(graph, node) is not { } given)
            return null;
        var mode = QuantizationMode.Of(node.Node);
        if (mode.Mode != "SCALED" || given.Max < given.Min)
            return null;
        bool isSigned = graph[new(node.Index, 0)].Type == DataType.QInt8;
        CodeRange widened = QuantizeV2.Widen(given.Flushed, node.Node.Float("ensure_minimum_range"));
        CodeRange range = isSigned ? mode.Adjust<sbyte>(widened) : mode.Adjust<byte>(widened);
        float factor = isSigned ? mode.Factor<sbyte>(range) : mode.Factor<byte>(range);
        return range.IsOrdinary && float.IsNormal(factor) ? (new(factor, range.Min, range.Max, mode.RoundsToEven), range) : null;
    }

    /// <summary>What a code of a Dequantize counts; null when it is of another kind or not a normal number.</summary>
    public static float? Step(PlanGraph graph, ProgramNode node)
    {
        DataType type = node.DataInputs > 0 ? graph[graph.Input(node, 0)].Type : DataType.Invalid;
        bool fits = node.Node.Op == "Dequantize" && type is DataType.QUInt8 or DataType.QInt8 && node.Node.Text("mode") == "SCALED" && node.Node.Int("axis") == -1 && graph[new(node.Index, 0)].IsStaticFloat;
        if (!fits || Range(graph, node) is not { } range)
            return null;
        bool isNarrow = node.Node.Bool("narrow_range");
        float step = type == DataType.QInt8 ? Dequantize.Step<sbyte>(range.Flushed, isNarrow) : Dequantize.Step<byte>(range.Flushed, isNarrow);
        return float.IsNormal(step) && step > 0 ? step : null;
    }

    private static CodeRange? Range(PlanGraph graph, ProgramNode node) =>
        graph[graph.Input(node, 1)].Constant is { ElementCount: > 0, Type: DataType.Float } min && graph[graph.Input(node, 2)].Constant is { ElementCount: > 0, Type: DataType.Float } max
            ? CodeRange.Read([min, max], 0)
            : null;
}
