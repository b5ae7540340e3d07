using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;

namespace TransformFramework.Workflows.Data;

/// <summary>What of a graph can be asked for beside its outputs: no constants, nothing inside loops or behind a Switch.</summary>
public static class FetchableNodes
{
    /// <summary>Nodes that the outputs need and that have a value in every run, in execution order.</summary>
    public static IEnumerable<string> Of(Graph graph, IReadOnlyList<string> outputs)
    {
        var needed = Needed(graph, outputs);
        var hidden = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<Node>(graph.Nodes.Where(node => node.Op is "Switch" or "Enter" or "RefSwitch" or "RefEnter"));
        while (open.TryPop(out var node))
        {
            if (!hidden.Add(node.Name))
                continue;
            foreach (Consumer consumer in graph.ConsumersOf(node).Where(consumer => consumer.Node.Op is not ("Exit" or "RefExit")))
                open.Push(consumer.Node);
        }
        return ExecutionOrder.Sort(graph).Nodes.Where(node => needed.Contains(node.Name) && !hidden.Contains(node.Name) && node.Op is not ("Const" or "NoOp" or "Assert")).Select(node => node.Name);
    }

    private static HashSet<string> Needed(Graph graph, IReadOnlyList<string> outputs)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(outputs.Select(output => new NodeInput(output).Node));
        while (open.TryPop(out var name))
        {
            if (!needed.Add(name) || !graph.TryFind(name, out var node))
                continue;
            foreach (NodeInput input in node.Inputs)
                open.Push(input.Node);
        }
        return needed;
    }
}
