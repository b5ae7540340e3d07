using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>QuantizedMaxPool and QuantizedAvgPool over quint8 images, windows within a channel; the range is that of the images.</summary>
internal sealed class QuantizedPoolingForm : IFastForm
{
    public bool IsExact => true;

    public bool TryLower(ProgramNode node, PlanBuilder builder)
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
        var shape = new ConvolutionShape(pooling.Batch, Extent.Of(pooling.Height), Extent.Of(pooling.Width), pooling.Channels, pooling.Channels);
        PlanBuffer read = builder.Read(source);
        builder.Add(new CodePoolingStep(builder.Kernels.Conversions, shape, read, builder.Write(output), takesMaximum: node.Node.Op == "QuantizedMaxPool") { Node = node.Node });
        RangeAlias.Add(builder, node, 1);
        return true;
    }
}
