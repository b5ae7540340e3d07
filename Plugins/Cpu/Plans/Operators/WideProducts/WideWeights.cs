using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.MatrixProduct;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.WideProducts;

/// <summary>Constant qint8 weights that a Dequantize makes real, symmetric, with a scale for each output channel.</summary>
/// <param name="Constant">The quantized values as the graph holds them.</param>
/// <param name="Values">The quantized values [taps…, in, out], or [taps…, channels] of a depthwise filter.</param>
/// <param name="Scales">What a quantized value of each output channel counts.</param>
internal sealed record WideWeights(Tensor Constant, sbyte[] Values, float[] Scales)
{
    /// <summary>The weights that a node reads as its second input; null for others.</summary>
    public static WideWeights? Of(PlanGraph graph, AnalyzedNode node)
    {
        AnalyzedNode producer = graph.Producer(graph.Input(node, 1));
        if (producer.Node.Op != "Dequantize" || !PlanGraph.IsOwn(producer) || producer.Node.Text("mode") != "SCALED" || graph.Inputs(producer).Length != 3)
            return null;
        bool isConstant = graph[graph.Input(producer, 0)].Constant is { Type: DataType.QInt8 } && graph.AreConstant(producer, 1, 2);
        return isConstant ? Of(graph, node, producer) : null;
    }

    private static WideWeights? Of(PlanGraph graph, AnalyzedNode node, AnalyzedNode producer)
    {
        Tensor constant = graph[graph.Input(producer, 0)].Constant!;
        bool isTransposed = node.Node.Op == "MatMul" && node.Node.Bool("transpose_b");
        int channelAxis = node.Node.Op switch { "MatMul" => isTransposed ? 0 : 1, "DepthwiseConv2dNative" => 2, _ => 3 };
        int axis = producer.Node.Int("axis");
        if (constant.Shape.Rank <= channelAxis || (axis >= 0 && axis != channelAxis))
            return null;
        ReadOnlySpan<float> mins = graph[graph.Input(producer, 1)].Constant!.AsSpan<float>();
        ReadOnlySpan<float> maxes = graph[graph.Input(producer, 2)].Constant!.AsSpan<float>();
        int channels = (int)constant.Shape[channelAxis];
        if (mins.Length != maxes.Length || mins.Length != (axis < 0 ? 1 : channels))
            return null;
        float[] scales = new float[channels];
        for (int i = 0; i < channels; i++)
            scales[i] = Kernels.Quantized.Ranges.Dequantize.Scale<sbyte>(new QuantizationRange(mins[i % mins.Length], maxes[i % mins.Length]).Flushed, producer.Node.Bool("narrow_range"));
        ReadOnlySpan<sbyte> values = constant.AsSpan<sbyte>();
        return new(constant, isTransposed ? ReferenceGemm.Transpose(values, (int)constant.Shape[0], (int)constant.Shape[1]) : values.ToArray(), scales);
    }
}
