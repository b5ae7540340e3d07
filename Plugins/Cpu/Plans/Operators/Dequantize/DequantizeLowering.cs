using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Cpu.Plans.Operators.Alias;
using TransformFramework.Cpu.Plans.Operators.QdqFusion;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Dequantize;

/// <summary>Dequantize of a whole tensor to floats: of quint8 values by MIN_FIRST; of 8-bit values of a constant range by SCALED, put off until a consumer reads real values.</summary>
[Lowering("Dequantize")]
internal sealed class DequantizeLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var reals = new TensorSource(node.Index, 0);
        bool fits = graph[source].IsStatic && graph[reals].IsStaticFloat;
        if (!fits)
            return false;
        if (graph[source].Type == DataType.QInt32)
            return TryAddChannels(builder, node);
        if (!RangeAlias.Fits(graph, node, 1) || node.Node.Int("axis") != -1)
            return false;
        if (QdqInput.Of(graph, reals) is { } quantizedValue)
        {
            builder.Tensors.Defer(reals, () =>
            {
                PlanBuffer quantized = builder.Tensors.Read(quantizedValue.Quantized);
                builder.Add(new DequantizeScaledOperator(builder.Kernels.Int8Vectors, new(quantized, quantizedValue), builder.Tensors.Write(reals)) { Node = node.Node });
            });
            return true;
        }
        if (graph[source].Type != DataType.QUInt8 || node.Node.Text("mode") != "MIN_FIRST")
            return false;
        PlanBuffer read = builder.Tensors.Read(source);
        RangeBuffers range = builder.Tensors.ReadRange(graph.Input(node, 1), graph.Input(node, 2));
        builder.Add(new DequantizeOperator(builder.Kernels.Int8Vectors, read, range, builder.Tensors.Write(reals)) { Node = node.Node });
        return true;
    }

    /// <summary>Quantized values of accumulators whose ranges an earlier operator has found to be constant.</summary>
    private static bool TryAddChannels(PlanBuilder builder, AnalyzedNode node)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        TensorShape shape = graph[source].Shape;
        int axis = node.Node.Int("axis");
        bool fits = node.Node.Text("mode") == "SCALED" && shape.Rank > 0 && (axis == -1 || axis == shape.Rank - 1)
            && builder.Tensors.Constant(graph.Input(node, 1)) is not null && builder.Tensors.Constant(graph.Input(node, 2)) is not null;
        if (!fits)
            return false;
        int count = axis == -1 ? 1 : (int)shape[axis];
        ReadOnlySpan<float> mins = builder.Tensors.Constant(graph.Input(node, 1))!.AsSpan<float>();
        ReadOnlySpan<float> maxes = builder.Tensors.Constant(graph.Input(node, 2))!.AsSpan<float>();
        if (axis == -1 ? mins.IsEmpty || maxes.IsEmpty : mins.Length != count || maxes.Length != count)
            return false;
        float[] scales = new float[(int)shape[shape.Rank - 1]];
        for (int c = 0; c < scales.Length; c++)
            scales[c] = Kernels.Quantized.Ranges.Dequantize.Scale<int>(new QuantizationRange(mins[c % count], maxes[c % count]).Flushed, node.Node.Bool("narrow_range"));
        PlanBuffer quantized = builder.Tensors.Read(source);
        builder.Add(new DequantizeChannelsOperator(quantized, scales, builder.Tensors.Write(new(node.Index, 0))) { Node = node.Node });
        return true;
    }
}
