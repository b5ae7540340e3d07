using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Weights;

/// <summary>The changes of one fold: nodes changed in place, made before others, removed; then what nothing reads any more goes too.</summary>
public sealed class InPlaceEdit(Graph graph, TransformContext context)
{
    private readonly Dictionary<Node, Node?> changed = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Node, List<Node>> inserted = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Node, List<Node>> appended = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    public Graph Graph => graph;

    /// <summary>The node as changed so far.</summary>
    public Node Current(Node original) => changed.TryGetValue(original, out var current) && current is not null ? current : original;

    public void Change(Node original, Func<Node, Node> change) => changed[original] = change(Current(original));

    public void Remove(Node original) => changed[original] = null;

    public void InsertBefore(Node original, Node made)
    {
        if (!inserted.TryGetValue(original, out var list))
            inserted[original] = list = [];
        list.Add(made);
    }

    /// <summary>Puts a new node behind one of the graph.</summary>
    public void InsertAfter(Node original, Node made)
    {
        if (!appended.TryGetValue(original, out var list))
            appended[original] = list = [];
        list.Add(made);
    }

    /// <summary>Puts another node beside what changes into an input entry of a node.</summary>
    public void Redirect(Node original, int input, NodeInput to) => Change(original, node => node with { Inputs = node.Inputs.SetItem(input, to) });

    /// <summary>Gives a reader another constant: in the old one's place when only this reader reads it, else beside it.</summary>
    public void ReplaceConstant(Node reader, int input, Tensor value, string ending)
    {
        NodeInput reference = reader.Inputs[input];
        Node old = graph.Find(reference.Node)!;
        if (old.Op == "Const" && graph.ConsumersOf(old).Length == 1 && !context.IsListed(old.Name))
        {
            Change(old, node => node.With("dtype", value.Type).With("value", value));
            return;
        }
        string name = FreeName(old.Name + ending);
        InsertBefore(reader, Node.Constant(name, value));
        Redirect(reader, input, name);
    }

    /// <summary>A name that neither the graph nor this edit uses.</summary>
    public string FreeName(string name)
    {
        string free = graph.FreeName(name);
        while (!names.Add(free))
            free = graph.FreeName(free + "_");
        return free;
    }

    /// <summary>The graph with all changes, without what they left unread.</summary>
    public Graph Apply()
    {
        var edit = new GraphEdit();
        foreach (Node node in changed.Keys.Union(inserted.Keys, ReferenceEqualityComparer.Instance).Union(appended.Keys, ReferenceEqualityComparer.Instance).Cast<Node>())
        {
            Node? now = changed.TryGetValue(node, out var current) ? current : node;
            edit.Replace(node, [.. inserted.GetValueOrDefault(node, []), .. now is null ? Array.Empty<Node>() : [now], .. appended.GetValueOrDefault(node, [])]);
        }
        return WithoutUnread(graph.Apply(edit), new(changed.Keys.SelectMany(node => node.DataInputs).Select(input => input.Node)));
    }

    private Graph WithoutUnread(Graph result, Stack<string> suspects)
    {
        while (suspects.TryPop(out string? name))
        {
            if (!result.TryFind(name, out var node) || context.IsListed(name) || result.ConsumersOf(name).Length > 0 || node.Op.StartsWith("Placeholder", StringComparison.Ordinal))
                continue;
            result = result.Where(other => !ReferenceEquals(other, node));
            foreach (NodeInput input in node.Inputs)
                suspects.Push(input.Node);
        }
        return result;
    }
}
