using System.Collections.Immutable;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>Which input is asked for, and what it takes.</summary>
public static class GraphInputs
{
    /// <summary>The input of a public or tensor name; without a name the only input.</summary>
    /// <exception cref="EndpointException">The name is not in the graph, or there is not exactly one input.</exception>
    public static Node Resolve(ModelEndpoints endpoints, string? name)
    {
        if (name is not null)
            return NodeOf(endpoints, endpoints.FindInput(name) ?? throw GraphOutputs.Unknown(endpoints, name, "inputs", endpoints.Inputs));
        return endpoints.Inputs is [var only]
            ? NodeOf(endpoints, only)
            : throw new EndpointException($"the graph has {endpoints.Inputs.Length} {(endpoints.Signature is null ? "placeholders" : "inputs")}", "inputs") { Suggestion = $"Name the samples' one: --inputs={(endpoints.Inputs.Length > 0 ? endpoints.Inputs[0].Name : "NAME")}." };
    }

    /// <summary>The listed inputs, by public or tensor name; without a list the signature's, or all placeholders.</summary>
    /// <exception cref="EndpointException">A name is not in the graph.</exception>
    public static ImmutableArray<ModelEndpoint> ResolveAll(ModelEndpoints endpoints, string? list)
    {
        string[] names = [.. NameList.Split(list)];
        return names.Length > 0
            ? [.. names.Select(name => endpoints.FindInput(name) ?? throw GraphOutputs.Unknown(endpoints, name, "inputs", endpoints.Inputs))]
            : [.. endpoints.Inputs.Where(input => endpoints.Graph.TryFind(input.Node, out _))];
    }

    /// <summary>Type of the tensors that an input takes.</summary>
    public static DataType TypeOf(Node input) => (input.TypeAttribute("dtype") ?? input.TypeAttribute("T") ?? DataType.Float).Base();

    /// <summary>Shape of the tensors that an input takes.</summary>
    public static TensorShape ShapeOf(Node input) =>
        input.Op.StartsWith("Placeholder", StringComparison.Ordinal) ? input.Shape("shape", TensorShape.Unknown) : TensorShape.Unknown;

    private static Node NodeOf(ModelEndpoints endpoints, ModelEndpoint input) =>
        endpoints.Graph.Find(input.Node) ?? throw new EndpointException($"the graph has no node '{input.Node}' for the input '{input.Name}'", "inputs") { Suggestion = "The outputs do not depend on it; leave it out." };
}
