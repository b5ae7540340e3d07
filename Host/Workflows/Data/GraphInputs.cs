using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>Which input a command means, and what it takes.</summary>
public static class GraphInputs
{
    /// <summary>The input of a name; without one the only placeholder.</summary>
    /// <exception cref="EndpointException">The name is not in the graph, or there is not exactly one placeholder.</exception>
    public static Node Resolve(Graph graph, string? name)
    {
        Node[] placeholders = [.. graph.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderV2")];
        if (name is null)
        {
            return placeholders is [var only]
                ? only
                : throw new EndpointException($"the graph has {placeholders.Length} placeholders", "inputs") { Suggestion = $"Name the samples' one: --inputs={(placeholders.Length > 0 ? placeholders[0].Name : "NAME")}." };
        }
        return graph.Find(new NodeInput(name).Node) ?? throw new EndpointException($"the graph has no node '{name}'", "inputs") { Suggestion = $"Its placeholders: {string.Join(", ", placeholders.Select(node => node.Name))}." };
    }

    /// <summary>The names of the listed inputs; without a list those of all placeholders.</summary>
    /// <exception cref="EndpointException">A name is not in the graph.</exception>
    public static string[] ResolveAll(Graph graph, string? list) => list is { Length: > 0 }
        ? [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(name => Resolve(graph, name).Name)]
        : [.. graph.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderV2").Select(node => node.Name)];

    /// <summary>Type of the tensors that an input takes.</summary>
    public static DataType TypeOf(Node input) => (input.TypeAttribute("dtype") ?? input.TypeAttribute("T") ?? DataType.Float).Base();

    /// <summary>Shape of the tensors that an input takes.</summary>
    public static TensorShape ShapeOf(Node input) =>
        input.Op.StartsWith("Placeholder", StringComparison.Ordinal) && input.Attributes.TryGetValue("shape", out var value) && value is ShapeValue shape ? shape.Value : TensorShape.Unknown;
}
