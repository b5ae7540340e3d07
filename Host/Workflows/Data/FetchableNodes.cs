using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>What of a graph can be asked for beside its outputs: no constants, nothing inside loops or behind a Switch.</summary>
public static class FetchableNodes
{
    /// <summary>Nodes that the outputs need and that have a value in every run, in execution order.</summary>
    public static IEnumerable<string> Of(Graph graph, IReadOnlyList<string> outputs)
    {
        var needed = graph.Upstream(outputs.Select(output => new NodeInput(output))).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var hidden = graph.Downstream(graph.Nodes.Where(node => node.Op is "Switch" or "Enter" or "RefSwitch" or "RefEnter"), consumer => consumer.Node.Op is not ("Exit" or "RefExit"));
        return ExecutionOrder.Sort(graph).Nodes.Where(node => needed.Contains(node.Name) && !hidden.Contains(node.Name) && node.Op is not ("Const" or "NoOp" or "Assert")).Select(node => node.Name);
    }
}
