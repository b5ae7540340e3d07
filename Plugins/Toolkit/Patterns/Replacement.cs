using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Patterns;

/// <summary>A replacement worked out: which nodes stand for the match and which of its nodes go.</summary>
internal sealed class Replacement
{
    private readonly Match match;
    private readonly HashSet<string> created;

    public Replacement(Match match, ImmutableArray<Node> nodes)
    {
        this.match = match;
        created = nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        Reads = nodes.SelectMany(node => node.Inputs).Select(input => input.Node).Where(name => !created.Contains(name)).ToHashSet(StringComparer.Ordinal);
        Removed = Unread();
        Nodes = [.. nodes.Select(node => node.Name == match.Head.Name ? WithControlInputs(node) : node)];
    }

    /// <summary>The new nodes.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>Old nodes that go, by name: the head and the inner nodes that nothing reads any more.</summary>
    public Dictionary<string, Node> Removed { get; }

    /// <summary>Names of the old nodes that the new ones read.</summary>
    public HashSet<string> Reads { get; }

    /// <summary>Why the replacement would break the graph, or null.</summary>
    public Decline? Decline()
    {
        if (created.Count < Nodes.Length)
            return new("the replacement has two nodes of one name");
        if (created.FirstOrDefault(name => match.Graph.Find(name) is not null && !Removed.ContainsKey(name)) is { } taken)
            return new($"'{taken}' is still needed, so no other node can have its name", match.Graph.Find(taken)!);
        Node head = Nodes.First(node => node.Name == match.Head.Name);
        bool isOtherPortRead = match.Graph.ConsumersOf(match.Head).Any(consumer => consumer.Node.Inputs[consumer.Input].Port > 0);
        return isOtherPortRead && head.Op != match.Head.Op ? new($"an output of '{match.Head.Name}' other than the first is read") : null;
    }

    private Dictionary<string, Node> Unread()
    {
        var removed = match.Inner.ToDictionary(node => node.Name, StringComparer.Ordinal);
        while (removed.Values.FirstOrDefault(node => node != match.Head && IsNeeded(node, removed)) is { } needed)
            removed.Remove(needed.Name);
        return removed;
    }

    private bool IsNeeded(Node node, Dictionary<string, Node> removed) =>
        Reads.Contains(node.Name) || match.IsProtected(node)
        || match.Graph.ConsumersOf(node).Any(consumer => !removed.ContainsKey(consumer.Node.Name));

    private Node WithControlInputs(Node head)
    {
        var lost = Removed.Values.SelectMany(node => node.ControlInputs).Distinct()
            .Where(input => !Removed.ContainsKey(input.Node) && !head.Inputs.Contains(input));
        return head with { Inputs = [.. head.Inputs, .. lost] };
    }
}
