using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Elementwise;

namespace TransformFramework.Cpu.Plans.Operators.Binary;

/// <summary>Arithmetic of two float tensors of known shapes with broadcasting, row by row as in the reference kernel, in the arena. What <see cref="Affine.AffineLowering"/> can take in goes there first.</summary>
[Lowering("RealDiv", "Div")]
internal sealed class BinaryLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder) => TryAdd(node, builder);

    /// <summary>Adds the operator of a node, or gives false.</summary>
    public static bool TryAdd(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        var output = new TensorSource(node.Index, 0);
        (PlanTensor left, PlanTensor right) = (graph[graph.Input(node, 0)], graph[graph.Input(node, 1)]);
        bool fits = node.Kernel is IFloatRowKernel { HasVectors: true } && left.IsStaticFloat && right.IsStaticFloat && graph[output].IsStaticFloat;
        if (!fits)
            return false;
        (PlanBuffer x, PlanBuffer y) = (builder.Tensors.Read(graph.Input(node, 0)), builder.Tensors.Read(graph.Input(node, 1)));
        builder.Add(new BinaryOperator((IFloatRowKernel)node.Kernel!, x, y, builder.Tensors.Write(output), Broadcast.Of(left.Shape, right.Shape)) { Node = node.Node });
        return true;
    }
}
