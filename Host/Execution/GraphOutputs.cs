using TransformFramework.Dsl.Binding;
using TransformFramework.Graphs;
using TransformFramework.Host.Commands;
using TransformFramework.Host.Reporting;

namespace TransformFramework.Host.Execution;

/// <summary>Which outputs a command means.</summary>
internal static class GraphOutputs
{
    /// <summary>The listed outputs, or what nobody in the graph reads.</summary>
    /// <exception cref="CommandException">A name is not in the graph, or there is nothing to ask for.</exception>
    public static string[] Resolve(Graph graph, string? list)
    {
        string[] outputs = string.IsNullOrEmpty(list)
            ? [.. GraphSummary.Of(graph).Outputs.Select(node => node.Name)]
            : list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (outputs.Length == 0)
            throw CommandException.Usage("the graph has no node that nobody reads", "Name the outputs with --outputs=a,b.");
        foreach (string output in outputs.Where(output => !graph.TryFind(new NodeInput(output).Node, out _)))
        {
            string? nearest = Suggestions.Nearest(output, graph.Nodes.Select(node => node.Name));
            throw CommandException.Usage($"--outputs: the graph has no node '{output}'", nearest is null ? "'transform_graph summarize' shows the outputs." : $"Did you mean '{nearest}'?");
        }
        return outputs;
    }
}
