using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Workflows.Reduction;

/// <summary>A part of a graph: what an output needs, up to tensors whose values are known.</summary>
internal static class Subgraph
{
    /// <summary>The part that computes an output; cut nodes become placeholders of the type and shape of their value; of control inputs those stay that come from the part.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="output">Name of the node to compute.</param>
    /// <param name="cuts">Nodes whose values are fed.</param>
    /// <param name="values">Their values.</param>
    public static Graph Of(Graph graph, string output, IReadOnlySet<string> cuts, IReadOnlyDictionary<string, Tensor> values)
    {
        HashSet<string> needed = Needed(graph, output, cuts);
        var nodes = graph.Nodes.Where(node => needed.Contains(node.Name) && ReferenceEquals(graph.Find(node.Name), node)).Select(node => cuts.Contains(node.Name) ? Placeholder(node.Name, values[node.Name]) : node with { Inputs = [.. node.Inputs.Where(IsKept)], Device = "" });
        return graph.WithNodes([.. nodes]);

        // Constants of a loop or branch are tied to it by control inputs.
        bool IsKept(NodeInput input) => !input.IsControl || (needed.Contains(input.Node) && !cuts.Contains(input.Node));
    }

    /// <summary>The nodes that an output needs, cut nodes included but not what they are computed from.</summary>
    public static HashSet<string> Needed(Graph graph, string output, IReadOnlySet<string> cuts) =>
        graph.Upstream([NodeInput.Data(output)], input => input.IsControl, node => cuts.Contains(node.Name)).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);

    private static Node Placeholder(string name, Tensor value) => new Node(name, "Placeholder").With("dtype", value.Type).With("shape", value.Shape);
}
