using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels.Images;

namespace TransformFramework.Cpu.Plans.Operators.ResizeBilinear;

/// <summary>Float images resized to a constant size.</summary>
[Lowering("ResizeBilinear")]
internal sealed class ResizeBilinearLowering : ILowering
{
    public bool IsExact => false;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        if (graph[source] is not { IsStaticFloat: true, Shape.Rank: 4 } || !graph[output].IsStaticFloat || graph[graph.Input(node, 1)].Constant is not { } size)
            return false;
        var geometry = ResizeGeometry.Of(node.Node, graph[source].Shape, size);
        PlanBuffer read = builder.Tensors.Read(source);
        builder.Add(new ResizeBilinearOperator(builder.Kernels.FloatVectors, geometry, read, builder.Tensors.Write(output)) { Node = node.Node });
        return true;
    }
}
