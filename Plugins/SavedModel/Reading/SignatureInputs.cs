using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.SavedModel.Reading;

/// <summary>The tensors that a signature is called with. What is behind them is cut off: each is a placeholder, or one with a default where the signature gives a default.</summary>
internal sealed class SignatureInputs
{
    private static readonly HashSet<string> Placeholders = new(StringComparer.Ordinal) { "Placeholder", "PlaceholderV2" };

    private readonly StoredSignature? signature;
    private readonly Dictionary<string, (string Node, StoredTensor Input)> tensors = new(StringComparer.Ordinal);

    public SignatureInputs(StoredSignature? signature, Graph graph)
    {
        this.signature = signature;
        var names = graph.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        foreach (StoredTensor input in signature?.Inputs ?? [])
        {
            var tensor = new NodeInput(input.Tensor);
            if (tensors.ContainsKey(tensor.Canonical))
                continue;
            string name = tensor.Node;
            for (int i = tensor.Port; tensor.Port > 0 && !names.Add(name = string.Create(CultureInfo.InvariantCulture, $"{tensor.Node}_{i}"));)
                i++;
            tensors.Add(tensor.Canonical, (name, input));
        }
    }

    /// <summary>True when there is a signature.</summary>
    public bool AreKnown => signature is not null;

    /// <summary>Names of the input nodes.</summary>
    public IReadOnlySet<string> Nodes => tensors.Values.Select(input => input.Node).ToHashSet(StringComparer.Ordinal);

    /// <summary>The node that an input is in the graph.</summary>
    public string TensorOf(StoredTensor input) => tensors.TryGetValue(new NodeInput(input.Tensor).Canonical, out var known) ? known.Node : input.Tensor;

    /// <summary>The node of a public name, or null.</summary>
    public string? NodeOf(string name) => tensors.Values.FirstOrDefault(input => input.Input.Name == name).Node;

    /// <summary>The graph with placeholders in place of the inputs that are something else.</summary>
    public Graph Apply(Graph graph)
    {
        var added = new List<Node>();
        var replaced = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (var (tensor, (name, input)) in tensors)
        {
            Node? node = graph.Find(new NodeInput(tensor).Node);
            bool isFirst = name == new NodeInput(tensor).Node;
            foreach (Node part in InputNodes(graph, name, input, isFirst ? node : null))
            {
                if (part.Name == node?.Name)
                    replaced[part.Name] = part;
                else
                    added.Add(part);
            }
        }
        Graph changed = graph.Select(node => replaced.GetValueOrDefault(node.Name, node) is var current && current.Inputs.Any(IsMoved) ? current with { Inputs = [.. current.Inputs.Select(Moved)] } : current);
        return added.Count == 0 ? changed : changed.WithNodes([.. changed.Nodes, .. added]);
    }

    /// <summary>The graph with the inputs that no output needs.</summary>
    public Graph WithMissing(Graph graph)
    {
        Node[] missing = [.. tensors.Values.Where(input => graph.Find(input.Node) is null).Select(input => Placeholder(input.Node, input.Input)).DistinctBy(node => node.Name)];
        return missing.Length == 0 ? graph : graph.WithNodes([.. missing, .. graph.Nodes]);
    }

    private bool IsMoved(NodeInput input) => input is { IsControl: false, Port: > 0 } && tensors.ContainsKey(input.Canonical);

    private NodeInput Moved(NodeInput input) => IsMoved(input) ? new(tensors[input.Canonical].Node) : input;

    private IEnumerable<Node> InputNodes(Graph graph, string name, StoredTensor input, Node? node)
    {
        bool isPlaceholder = node is not null && Placeholders.Contains(node.Op);
        Node placeholder = isPlaceholder ? node! : Placeholder(name, input);
        if (signature!.Defaults.TryGetValue(input.Name, out Tensor? standard))
        {
            Node value = Node.Constant(name + "/default", standard);
            while (graph.Find(value.Name) is not null)
                value = value with { Name = value.Name + "_" };
            TensorShape shape = placeholder.Shape("shape", TensorShape.Unknown);
            return [value, new Node(name, "PlaceholderWithDefault", value.Name).With("dtype", standard.Type).With("shape", shape)];
        }
        bool hasConstantDefault = node is { Op: "PlaceholderWithDefault" } && node.DataInputs.All(value => graph.Find(value.Node) is { Op: "Const" });
        return isPlaceholder || hasConstantDefault ? [] : [placeholder];
    }

    private static Node Placeholder(string name, StoredTensor input) => new(name, "Placeholder", [], AttributeMap.Of(("dtype", input.Type), ("shape", input.Shape)));
}
