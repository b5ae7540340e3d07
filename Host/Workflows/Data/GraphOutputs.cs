using System.Collections.Immutable;
using TransformFramework.Dsl.Binding;
using TransformFramework.Engine.Models;

namespace TransformFramework.Workflows.Data;

/// <summary>Which outputs are asked for.</summary>
public static class GraphOutputs
{
    /// <summary>The listed outputs, by public or tensor name; without a list the signature's, or all nodes without a consumer.</summary>
    /// <param name="endpoints">The model's outputs.</param>
    /// <param name="list">Names separated by commas, or null.</param>
    /// <param name="acceptsNone">Takes a signature without outputs.</param>
    /// <param name="option">The option that has the names, for messages.</param>
    /// <exception cref="EndpointException">A name is not in the graph, or there is nothing to ask for.</exception>
    public static ImmutableArray<ModelEndpoint> Resolve(ModelEndpoints endpoints, string? list, bool acceptsNone = false, string option = "outputs")
    {
        string[] names = [.. NameList.Split(list)];
        if (names.Length > 0)
            return [.. names.Select(name => endpoints.FindOutput(name) ?? throw Unknown(endpoints, name, option, endpoints.Outputs))];
        return endpoints.Outputs.Length > 0 || (acceptsNone && endpoints.Signature is not null)
            ? endpoints.Outputs
            : throw new EndpointException(endpoints.Signature is null ? "every node of the graph has a consumer" : "the model's signature has no outputs", "outputs") { Suggestion = "Name the outputs: --outputs=a,b." };
    }

    /// <summary>The tensors of endpoints.</summary>
    public static string[] Tensors(this ImmutableArray<ModelEndpoint> endpoints) => [.. endpoints.Select(endpoint => endpoint.Tensor)];

    /// <summary>The error of a name that is no node's, with the nearest one.</summary>
    /// <param name="endpoints">The model.</param>
    /// <param name="name">The name.</param>
    /// <param name="list">The option that gave it.</param>
    public static EndpointException NotFound(ModelEndpoints endpoints, string name, string list) => Unknown(endpoints, name, list, endpoints.Outputs);

    internal static EndpointException Unknown(ModelEndpoints endpoints, string name, string list, ImmutableArray<ModelEndpoint> known)
    {
        if (endpoints.Flaw(name) is { } flaw)
            return new($"'{name}': {flaw}", list) { Suggestion = $"'transform_graph summarize' shows the {list}." };
        if (name.Contains(':', StringComparison.Ordinal) && endpoints.Graph.TryFind(name, out _))
            return new($"the name of the node '{name}' holds a colon, which precedes a port", list) { Suggestion = $"Rename it first: --transforms='rename_node(old_node_name=\"{name}\", new_node_name=\"{name.Replace(':', '_')}\")'." };
        if (name.Contains(' ', StringComparison.Ordinal) && name.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(part => endpoints.Graph.TryFind(part, out _)))
            return new($"the graph has no node '{name}'", list) { Suggestion = $"Names are separated by commas: --{list}={string.Join(',', name.Split(' ', StringSplitOptions.RemoveEmptyEntries))}." };
        string? nearest = Suggestions.Nearest(name, known.Select(endpoint => endpoint.Name).Concat(endpoints.Graph.Nodes.Select(node => node.Name)).Where(candidate => candidate != name));
        return new($"the graph has no node '{name}'", list) { Suggestion = nearest is null ? $"'transform_graph summarize' shows the {(list is "inputs" or "outputs" ? list : "nodes")}." : $"Did you mean '{nearest}'?" };
    }
}
