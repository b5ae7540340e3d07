using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>How often each tensor is read, and the clean-up that follows when the last reader goes, as sparsify_gather does it.</summary>
internal sealed class ReferenceCounts
{
    private static readonly string[] RemovedWithOneInput = ["Assign", "Reshape", "Equal", "Mean", "ScalarSummary"];

    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);
    private readonly HashSet<string> kept;

    public ReferenceCounts(Graph graph, TransformContext context)
    {
        kept = [.. context.InputNames, .. context.OutputNames];
        foreach (NodeInput input in graph.Nodes.SelectMany(node => node.Inputs))
            Add(Producer(input));
    }

    public void Add(string name) => counts[name] = counts.GetValueOrDefault(name) + 1;

    /// <summary>Removes nodes, the references to them, and whatever thereby loses its last reader or its last input.</summary>
    /// <exception cref="TransformException">Internal: a ConcatV2 is left without elements, or with an axis that others read.</exception>
    public Graph RemoveUnused(Graph graph, IEnumerable<string> names)
    {
        var nodes = graph.Nodes.ToList();
        var open = new Stack<string>(names.Concat(counts.Where(count => count.Value == 0 && !kept.Contains(count.Key)).Select(count => count.Key)));
        while (open.TryPop(out string? name))
        {
            foreach (Node node in nodes.Where(node => node.Name == name && node.Op != "RestoreV2"))
                Release(node.Inputs.Select(Producer), open);
            nodes.RemoveAll(node => node.Name == name && node.Op != "RestoreV2");
            for (int i = 0; i < nodes.Count; i++)
            {
                if (nodes[i].Inputs.Any(input => Producer(input) == name))
                    nodes[i] = WithoutInput(nodes[i], name, open);
            }
        }
        return graph.WithNodes([.. nodes]);
    }

    private Node WithoutInput(Node node, string name, Stack<string> open)
    {
        Node left = node with { Inputs = [.. node.Inputs.Where(input => Producer(input) != name)] };
        if (left.Op == "ConcatV2")
            left = Shortened(left, open);
        if (left.Inputs.IsEmpty || (left.Inputs.Length == 1 && RemovedWithOneInput.Contains(left.Op)))
            open.Push(left.Name);
        return left;
    }

    private Node Shortened(Node concat, Stack<string> open)
    {
        if (concat.Inputs.Length > 2)
            return concat.With("N", (long)(concat.Inputs.Length - 1));
        if (concat.Inputs.Length < 2)
            throw new TransformException(StatusKind.Internal, "ConcatV2 should have at least two elements", concat.Name);
        string axis = Producer(concat.Inputs[1]);
        if (counts.GetValueOrDefault(axis) != 1)
            throw new TransformException(StatusKind.Internal, "Expect axis tensor of ConcatV2 node to only be referenced once.", concat.Name);
        Release([axis], open);
        return (concat with { Op = "Identity", Inputs = [concat.Inputs[0]] }).Without("N");
    }

    private void Release(IEnumerable<string> producers, Stack<string> open)
    {
        foreach (string producer in producers)
        {
            counts[producer] = counts.GetValueOrDefault(producer) - 1;
            if (counts[producer] == 0 && !kept.Contains(producer))
                open.Push(producer);
        }
    }

    private static string Producer(NodeInput input) => input.Text.TrimStart('^');
}
