using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TransformFramework.Graphs;

/// <summary>A reader of a node: the reading node and the number of the input entry that refers to it.</summary>
public readonly record struct Consumer(Node Node, int Input);

/// <summary>Versions of the producer that wrote a graph.</summary>
public sealed record GraphVersions(int Producer = 0, int MinConsumer = 0, ImmutableArray<int> BadConsumers = default)
{
    public static readonly GraphVersions None = new();

    public ImmutableArray<int> BadConsumers { get; init; } = BadConsumers.IsDefault ? [] : BadConsumers;

    /// <summary>Fields of the file's message that this model does not know.</summary>
    public UnknownFields UnknownFields { get; init; }

    public bool Equals(GraphVersions? other) =>
        other is not null && Producer == other.Producer && MinConsumer == other.MinConsumer
        && BadConsumers.AsSpan().SequenceEqual(other.BadConsumers.AsSpan()) && UnknownFields == other.UnknownFields;

    public override int GetHashCode() => HashCode.Combine(Producer, MinConsumer);
}

/// <summary>
/// An immutable snapshot of a graph: nodes in file order, the function library, the versions. Safe to share between threads.
/// Names can occur twice in a file; look-ups by name then give the last node of that name, as TensorFlow's tools do.
/// </summary>
public sealed class Graph
{
    public static readonly Graph Empty = new([]);

    private readonly Lazy<Dictionary<string, Node>> byName;
    private readonly Lazy<Dictionary<string, Consumer[]>> consumers;

    public Graph(ImmutableArray<Node> nodes, FunctionLibrary? functions = null, GraphVersions? versions = null, UnknownFields unknownFields = default)
    {
        Nodes = nodes.IsDefault ? [] : nodes;
        Functions = functions ?? FunctionLibrary.Empty;
        Versions = versions;
        UnknownFields = unknownFields;
        byName = new(IndexNames);
        consumers = new(IndexConsumers);
    }

    /// <summary>Nodes in file order.</summary>
    public ImmutableArray<Node> Nodes { get; }

    public FunctionLibrary Functions { get; }

    /// <summary>The versions, or null when the file has none.</summary>
    public GraphVersions? Versions { get; }

    /// <summary>Fields of the file's message that this model does not know.</summary>
    public UnknownFields UnknownFields { get; }

    /// <summary>The node of a name; of several the last.</summary>
    public bool TryFind(string name, [MaybeNullWhen(false)] out Node node) => byName.Value.TryGetValue(name, out node);

    /// <summary>The node of a name, or null; of several the last.</summary>
    public Node? Find(string name) => byName.Value.GetValueOrDefault(name);

    /// <summary>Every input entry that refers to the node's name, data and control, in graph order.</summary>
    public ImmutableArray<Consumer> ConsumersOf(Node node) => ConsumersOf(node.Name);

    /// <summary>Every input entry that refers to the name, data and control, in graph order.</summary>
    public ImmutableArray<Consumer> ConsumersOf(string name) => consumers.Value.TryGetValue(name, out var found) ? ImmutableCollectionsMarshal.AsImmutableArray(found) : [];

    /// <summary>The graph with other nodes; library, versions and unknown fields are kept.</summary>
    public Graph WithNodes(ImmutableArray<Node> nodes) => new(nodes, Functions, Versions, UnknownFields);

    /// <summary>The graph with another function library; the same instance when it is this graph's.</summary>
    public Graph WithFunctions(FunctionLibrary functions) => ReferenceEquals(functions, Functions) ? this : new(Nodes, functions, Versions, UnknownFields);

    /// <summary>The graph with other versions; the same instance when they are this graph's.</summary>
    public Graph WithVersions(GraphVersions? versions) => ReferenceEquals(versions, Versions) ? this : new(Nodes, Functions, versions, UnknownFields);

    /// <summary>The graph with each node replaced by the function's answer; the same instance when nothing changed.</summary>
    public Graph Select(Func<Node, Node> change)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>(Nodes.Length);
        bool changed = false;
        foreach (Node node in Nodes)
        {
            Node result = change(node);
            changed |= !ReferenceEquals(result, node);
            nodes.Add(result);
        }
        return changed ? WithNodes(nodes.MoveToImmutable()) : this;
    }

    /// <summary>The graph of the nodes that the predicate keeps, in order; the same instance when it keeps all.</summary>
    public Graph Where(Func<Node, bool> keep)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>(Nodes.Length);
        foreach (Node node in Nodes)
        {
            if (keep(node))
                nodes.Add(node);
        }
        return nodes.Count == Nodes.Length ? this : WithNodes(nodes.ToImmutable());
    }

    /// <summary>Applies a batch of edits at once.</summary>
    /// <exception cref="ArgumentException">The edit addresses a node that is not in this graph.</exception>
    public Graph Apply(GraphEdit edit) => edit.ApplyTo(this);

    private Dictionary<string, Node> IndexNames()
    {
        var index = new Dictionary<string, Node>(Nodes.Length, StringComparer.Ordinal);
        foreach (Node node in Nodes)
            index[node.Name] = node;
        return index;
    }

    private Dictionary<string, Consumer[]> IndexConsumers()
    {
        var builders = new Dictionary<string, List<Consumer>>(Nodes.Length, StringComparer.Ordinal);
        foreach (Node node in Nodes)
        {
            for (int i = 0; i < node.Inputs.Length; i++)
            {
                string name = node.Inputs[i].Node;
                if (!builders.TryGetValue(name, out var list))
                    builders[name] = list = [];
                list.Add(new(node, i));
            }
        }
        var index = new Dictionary<string, Consumer[]>(builders.Count, StringComparer.Ordinal);
        foreach (var (name, list) in builders)
            index.Add(name, [.. list]);
        return index;
    }
}
