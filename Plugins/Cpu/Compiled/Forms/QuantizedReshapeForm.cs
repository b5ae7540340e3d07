using TransformFramework.Cpu.Planning;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>QuantizedReshape: no step at all.</summary>
internal sealed class QuantizedReshapeForm : IFastForm
{
    public bool IsExact => true;

    public bool TryLower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        PlanTensor given = graph[graph.Input(node, 0)];
        PlanTensor result = graph[new(node.Index, 0)];
        bool fits = given is { IsStatic: true, Constant: null } && result.IsStatic && given.Type == result.Type && given.Bytes == result.Bytes && RangeAlias.Fits(graph, node, 2);
        if (!fits)
            return false;
        builder.Alias(new(node.Index, 0), graph.Input(node, 0));
        RangeAlias.Add(builder, node, 2);
        return true;
    }
}
