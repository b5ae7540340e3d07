using TransformFramework.Cpu.Analysis;

namespace TransformFramework.Cpu.Plans.Operators.Softmax;

/// <summary>Softmax along the last dimension of a float tensor.</summary>
[Lowering("Softmax")]
internal sealed class SoftmaxLowering : ILowering
{
    public bool IsExact => false;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        TensorSource source = builder.Graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        PlanTensor logits = builder.Graph[source];
        if (logits is not { IsStaticFloat: true, Shape.Rank: > 0 } || !builder.Graph[output].IsStaticFloat)
            return false;
        PlanBuffer read = builder.Tensors.Read(source);
        int columns = (int)logits.Shape[logits.Shape.Rank - 1];
        builder.Add(new SoftmaxOperator(read, builder.Tensors.Write(output), (int)(logits.Shape.ElementCount / columns), columns) { Node = node.Node });
        return true;
    }
}
