using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Weights;

/// <summary>Questions about names that transforms ask when they add and remove nodes.</summary>
public static class NodeNames
{
    /// <summary>True when the run's outputs name the node.</summary>
    public static bool IsOutput(this TransformContext context, Node node) => context.OutputNames.Any(name => new NodeInput(name).Node == node.Name);

    /// <summary>True when the run's inputs or outputs name the node.</summary>
    public static bool IsListed(this TransformContext context, string name) => context.OutputNames.Concat(context.InputNames).Any(listed => new NodeInput(listed).Node == name);

    /// <summary>A name that no node of the graph has: the given one, or that with a number.</summary>
    public static string FreeName(this Graph graph, string name)
    {
        string free = name;
        for (int i = 1; graph.TryFind(free, out _); i++)
            free = $"{name}_{i}";
        return free;
    }
}
