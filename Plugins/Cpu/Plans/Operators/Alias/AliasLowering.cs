using TransformFramework.Cpu.Analysis;

namespace TransformFramework.Cpu.Plans.Operators.Alias;

/// <summary>Ops that hand their first input on, at most under another shape: no operator at all.</summary>
[Lowering("Identity", "StopGradient", "Reshape", "Squeeze", "ExpandDims")]
internal sealed class AliasLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        TensorSource source = builder.Graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        PlanTensor given = builder.Graph[source];
        PlanTensor result = builder.Graph[output];
        bool isAlias = node.OutputCount == 1 && given.IsStatic && result.IsStatic && given.Type == result.Type && given.Bytes == result.Bytes;
        if (!isAlias)
            return false;
        builder.Tensors.Alias(output, source);
        return true;
    }
}
