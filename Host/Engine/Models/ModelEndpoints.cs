using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Models;

/// <summary>An input or output of a model.</summary>
/// <param name="Name">The name that users know: the signature's, or the node's.</param>
/// <param name="Tensor">The graph's tensor: <c>node</c> or <c>node:port</c>.</param>
public sealed record ModelEndpoint(string Name, string Tensor)
{
    /// <summary>The node of the tensor.</summary>
    public string Node => new NodeInput(Tensor).Node;
}

/// <summary>Inputs and outputs of a model: those of the signature that it was read for, else placeholders and nodes without a consumer.</summary>
public sealed class ModelEndpoints
{
    private readonly ModelSignature? others;

    /// <param name="graph">The graph.</param>
    /// <param name="signature">The signature that it was read for, or null.</param>
    /// <param name="others">Other names of the same inputs and outputs, under which they are found too; null for none.</param>
    public ModelEndpoints(Graph graph, ModelSignature? signature, ModelSignature? others = null)
    {
        this.others = others;
        Graph = graph;
        Signature = signature;
        Inputs = signature is null
            ? [.. graph.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderV2").Select(node => new ModelEndpoint(node.Name, node.Name))]
            : [.. signature.Inputs.Select(Of)];
        Outputs = signature is null
            ? [.. Unconsumed(graph).Select(node => new ModelEndpoint(node.Name, node.Name))]
            : [.. signature.Outputs.Select(Of)];
    }

    /// <summary>The graph.</summary>
    public Graph Graph { get; }

    /// <summary>The signature that the names are from; null when they are the graph's.</summary>
    public ModelSignature? Signature { get; }

    /// <summary>The inputs, in the signature's or the graph's order.</summary>
    public ImmutableArray<ModelEndpoint> Inputs { get; }

    /// <summary>The outputs, in the signature's or the graph's order.</summary>
    public ImmutableArray<ModelEndpoint> Outputs { get; }

    /// <summary>The nodes without a consumer that can be outputs.</summary>
    public static IEnumerable<Node> Unconsumed(Graph graph) => LikelyOutputs.Of(graph);

    /// <summary>The input of a public name, a node's name or a tensor's (<c>node:port</c>); null when there is none.</summary>
    public ModelEndpoint? FindInput(string name) => Named(Inputs, name) ?? Named(others?.Inputs, name) ?? OfGraph(name);

    /// <summary>The output of a public name, a node's name or a tensor's (<c>node:port</c>); null when there is none.</summary>
    public ModelEndpoint? FindOutput(string name) => Named(Outputs, name) ?? Named(others?.Outputs, name) ?? OfGraph(name);

    /// <summary>The inputs that have no name; the only input where all have one.</summary>
    public ImmutableArray<ModelEndpoint> UnnamedInputs => Inputs.Length == 1 ? Inputs : Inputs.RemoveAll(input => input.Name.Length > 0);

    /// <summary>Why a name is neither input nor output although a node has something like it; null when there is nothing to say.</summary>
    public string? Flaw(string name)
    {
        var input = new NodeInput(name);
        if (input.IsControl)
            return "a control input has no value";
        if (Graph.TryFind(name, out _))
            return null;
        if (!Graph.TryFind(input.Node, out var node))
            return null;
        if (input.Port < 0)
            return $"'{input.Suffix[1..]}' is not a port: a port is a whole number from 0";
        return OutputCount(node) is { } count && input.Port >= count ? $"'{node.Name}' ({node.Op}) has {(count == 0 ? "no outputs" : count == 1 ? "one output" : $"{count} outputs")}" : null;
    }

    private ModelEndpoint? OfGraph(string name)
    {
        var input = new NodeInput(name);
        return !input.IsControl && input.Port >= 0 && Graph.TryFind(input.Node, out _) && Flaw(name) is null ? new(name, name) : null;
    }

    private static ModelEndpoint? Named(ImmutableArray<ModelEndpoint> endpoints, string name) => endpoints.FirstOrDefault(endpoint => endpoint.Name == name);

    private static ModelEndpoint? Named(ImmutableArray<SignatureTensor>? tensors, string name) => tensors?.FirstOrDefault(tensor => tensor.Name == name) is { } found ? Of(found) : null;

    private static ModelEndpoint Of(SignatureTensor tensor) => new(tensor.Name, tensor.Tensor.EndsWith(":0", StringComparison.Ordinal) ? tensor.Tensor[..^2] : tensor.Tensor);

    private static int? OutputCount(Node node)
    {
        try
        {
            return OpTable.Find(node.Op) is { } definition ? OpTypes.OutputTypes(node, definition).Length : null;
        }
        catch (TransformException)
        {
            return null;
        }
    }
}
