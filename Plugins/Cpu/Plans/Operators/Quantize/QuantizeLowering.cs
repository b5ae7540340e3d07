using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Cpu.Plans.Operators.Alias;
using TransformFramework.Cpu.Plans.Operators.QdqFusion;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Quantize;

/// <summary>QuantizeV2 of a whole float tensor: to quint8 values by MIN_FIRST, to 8-bit values of a constant range by SCALED.</summary>
[Lowering("QuantizeV2")]
internal sealed class QuantizeLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var quantized = new TensorSource(node.Index, 0);
        bool fits = graph[source].IsStaticFloat && graph[quantized].IsStatic && RangeAlias.Fits(graph, node, 1) && node.Node.Int("axis") == -1;
        if (!fits)
            return false;
        if (ScaledQuantization.Quantization(graph, node) is { } scaled)
        {
            PlanBuffer reals = builder.Tensors.ReadInPlace(source);
            builder.Add(new QuantizeScaledOperator(builder.Kernels.Int8Vectors, reals, builder.Tensors.Write(quantized), scaled.Scaling) { Node = node.Node });
            builder.Tensors.SetConstant(quantized with { Port = 1 }, Tensor.Scalar(scaled.Range.Min));
            builder.Tensors.SetConstant(quantized with { Port = 2 }, Tensor.Scalar(scaled.Range.Max));
            return true;
        }
        if (graph[quantized].Type != DataType.QUInt8 || QuantizationMode.Of(node.Node).Mode != "MIN_FIRST")
            return false;
        PlanBuffer read = builder.Tensors.ReadInPlace(source);
        RangeBuffers given = builder.Tensors.ReadRange(graph.Input(node, 1), graph.Input(node, 2));
        PlanBuffer target = builder.Tensors.Write(quantized);
        RangeBuffers result = builder.Tensors.WriteRange(quantized with { Port = 1 }, quantized with { Port = 2 });
        builder.Add(new QuantizeOperator(builder.Kernels.Int8Vectors, read, given, node.Node.Float("ensure_minimum_range"), target, result) { Node = node.Node });
        return true;
    }
}
