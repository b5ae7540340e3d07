using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels.Quantized.Pooling;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Plans.Operators.Alias;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.QuantizedPooling;

/// <summary>QuantizedMaxPool and QuantizedAvgPool over quint8 images, windows within a channel; the range is that of the images.</summary>
[Lowering("QuantizedMaxPool", "QuantizedAvgPool")]
internal sealed class QuantizedPoolingLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        bool fits = graph[source] is { IsStatic: true, Constant: null, Type: DataType.QUInt8, Shape.Rank: 4 } && graph[output] is { IsStatic: true, Type: DataType.QUInt8 } && RangeAlias.Fits(graph, node, 1);
        if (!fits)
            return false;
        var pooling = QuantizedPoolings.Of(node.Node, graph[source].Shape);
        if (pooling.Depth > 1)
            return false;
        var shape = ConvolutionShape.Of(pooling.Batch, pooling.Height, pooling.Width, pooling.Channels, pooling.Channels);
        PlanBuffer read = builder.Tensors.Read(source);
        builder.Add(new QuantizedPoolingOperator(builder.Kernels.Int8Vectors, shape, read, builder.Tensors.Write(output), takesMaximum: node.Node.Op == "QuantizedMaxPool") { Node = node.Node });
        RangeAlias.Add(builder, node, 1);
        return true;
    }
}
