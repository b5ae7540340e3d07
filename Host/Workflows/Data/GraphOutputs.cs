using TransformFramework.Dsl.Binding;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>Which outputs a command means.</summary>
public static class GraphOutputs
{
    private static readonly string[] NeverOutputs = ["Const", "Assign", "NoOp", "Placeholder"];

    /// <summary>The listed outputs, or all nodes without a consumer.</summary>
    /// <exception cref="EndpointException">A name is not in the graph, or there is nothing to ask for.</exception>
    public static string[] Resolve(Graph graph, string? list)
    {
        string[] outputs = string.IsNullOrEmpty(list)
            ? [.. Unconsumed(graph).Select(node => node.Name)]
            : list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (outputs.Length == 0)
            throw new EndpointException("every node of the graph has a consumer", "outputs") { Suggestion = "Name the outputs: --outputs=a,b." };
        foreach (string output in outputs.Where(output => !graph.TryFind(new NodeInput(output).Node, out _)))
        {
            string? nearest = Suggestions.Nearest(output, graph.Nodes.Select(node => node.Name));
            throw new EndpointException($"the graph has no node '{output}'", "outputs") { Suggestion = nearest is null ? "'transform_graph summarize' shows the outputs." : $"Did you mean '{nearest}'?" };
        }
        return outputs;
    }

    /// <summary>The nodes without a consumer that can be outputs.</summary>
    public static IEnumerable<Node> Unconsumed(Graph graph) => graph.Nodes.Where(node => graph.ConsumersOf(node).IsEmpty && !NeverOutputs.Contains(node.Op));
}
