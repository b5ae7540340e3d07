using TransformFramework.Cpu.Analysis;

namespace TransformFramework.Cpu.Plans.Operators.Alias;

/// <summary>QuantizedReshape: no operator at all.</summary>
[Lowering("QuantizedReshape")]
internal sealed class QuantizedReshapeLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        PlanTensor given = graph[graph.Input(node, 0)];
        PlanTensor result = graph[new(node.Index, 0)];
        bool fits = given is { IsStatic: true, Constant: null } && result.IsStatic && given.Type == result.Type && given.Bytes == result.Bytes && RangeAlias.Fits(graph, node, 2);
        if (!fits)
            return false;
        builder.Tensors.Alias(new(node.Index, 0), graph.Input(node, 0));
        RangeAlias.Add(builder, node, 2);
        return true;
    }
}
