using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Kernels.Images;
using TransformFramework.Cpu.Planning;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>Float images resized to a constant size.</summary>
internal sealed class ResizeBilinearForm : IFastForm
{
    public bool IsExact => false;

    public bool TryLower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        if (graph[source] is not { IsStaticFloat: true, Shape.Rank: 4 } || !graph[output].IsStaticFloat || graph[graph.Input(node, 1)].Constant is not { } size)
            return false;
        var geometry = ResizeGeometry.Of(node.Node, graph[source].Shape, size);
        PlanBuffer read = builder.Read(source);
        builder.Add(new ResizeBilinearStep(builder.Kernels.Vectors, geometry, read, builder.Write(output)) { Node = node.Node });
        return true;
    }
}
