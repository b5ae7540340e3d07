using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Pooling;
using TransformFramework.Cpu.Microkernels.Gemm;

namespace TransformFramework.Cpu.Plans.Operators.Pooling;

/// <summary>Maximum or mean over windows of channels-last float images.</summary>
[Lowering("MaxPool", "AvgPool")]
internal sealed class PoolingLowering : ILowering
{
    public bool IsExact => false;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        bool fits = graph[source] is { IsStaticFloat: true, Shape.Rank: 4 } && graph[output].IsStaticFloat && !DataFormat.Of(node.Node, 4).ChannelsFirst
            && node.Node.Longs("ksize") is [1, _, _, 1];
        if (!fits)
            return false;
        var geometry = PoolingGeometry.Of(node.Node, graph[source].Shape);
        var shape = ConvolutionShape.Of(geometry.Batch, geometry.Windows[0], geometry.Windows[1], geometry.Channels, geometry.Channels);
        PlanBuffer read = builder.Tensors.Read(source);
        builder.Add(new PoolingOperator(builder.Kernels.FloatVectors, shape, read, builder.Tensors.Write(output), takesMaximum: node.Node.Op == "MaxPool") { Node = node.Node });
        return true;
    }
}
