using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Downgrade;

/// <summary>The nodes that the run's outputs need, and its inputs.</summary>
internal static class Reachable
{
    /// <summary>The graph without what no output needs; the same graph when the run names no outputs.</summary>
    public static Graph From(Graph graph, TransformContext context)
    {
        if (context.OutputNames.IsEmpty)
            return graph;
        var needed = context.InputNames.Select(name => new NodeInput(name).Node).ToHashSet(StringComparer.Ordinal);
        var open = new Stack<string>(context.OutputNames.Concat(context.InputNames).Select(name => new NodeInput(name).Node));
        needed.UnionWith(open);
        while (open.TryPop(out string? name))
        {
            foreach (NodeInput input in graph.Find(name)?.Inputs ?? [])
            {
                if (needed.Add(input.Node))
                    open.Push(input.Node);
            }
        }
        return graph.Where(node => needed.Contains(node.Name));
    }
}
