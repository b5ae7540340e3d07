using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Onnx.Writing;

/// <summary>The nodes that some tensors need, producers first. A loop or conditional of the older kind counts as one node: what enters it is what it needs.</summary>
internal static class WriteOrder
{
    public static IReadOnlyList<Node> Of(GraphWriter writer, IEnumerable<NodeInput> targets)
    {
        var order = new List<Node>();
        var state = new Dictionary<string, bool>(StringComparer.Ordinal);
        var open = new Stack<(Node Node, bool IsDone)>();
        foreach (NodeInput target in targets.Reverse())
            Push(writer, target, open);
        while (open.TryPop(out var entry))
        {
            if (entry.IsDone)
            {
                state[entry.Node.Name] = true;
                order.Add(entry.Node);
                continue;
            }
            if (state.TryGetValue(entry.Node.Name, out bool isDone))
            {
                if (isDone)
                    continue;
                throw new ModelFormatException($"node '{entry.Node.Name}' ({entry.Node.Op}) reads itself in a cycle that is no loop") { DiagnosticId = OnnxDiagnostics.Cycle.Id };
            }
            state[entry.Node.Name] = false;
            open.Push((entry.Node, true));
            foreach (NodeInput input in Needed(writer, entry.Node).Reverse())
            {
                bool isKnown = state.TryGetValue(input.Node, out bool done) && done;
                if (!isKnown)
                    Push(writer, input, open);
            }
        }
        return order;
    }

    private static void Push(GraphWriter writer, NodeInput input, Stack<(Node Node, bool IsDone)> open)
    {
        if (writer.IsBound(input) || IsWrittenAround(writer, input))
            return;
        Node node = writer.Graph.Find(input.Node) ?? throw new ModelFormatException($"'{input.Text}' is read, but no node of the model gives it") { DiagnosticId = OnnxDiagnostics.Missing.Id };
        open.Push((node, false));
    }

    /// <summary>True when a writer around has the tensor already.</summary>
    private static bool IsWrittenAround(GraphWriter writer, NodeInput input)
    {
        for (GraphWriter? outer = writer.Outer; outer is not null && ReferenceEquals(outer.Graph, writer.Graph); outer = outer.Outer)
        {
            if (outer.IsBound(input))
                return true;
        }
        return false;
    }

    private static IEnumerable<NodeInput> Needed(GraphWriter writer, Node node)
    {
        try
        {
            return Dependencies(writer.Graph, node);
        }
        catch (ModelFormatException error) when (error.DiagnosticId == OnnxDiagnostics.Declined.Id)
        {
            if (writer.Outer is null)
                writer.Context.Current = node;
            throw Refusals.Of(node, error);
        }
    }

    /// <summary>What a node of a graph needs.</summary>
    /// <exception cref="ModelFormatException">It belongs to a loop or conditional that is none.</exception>
    public static IEnumerable<NodeInput> Dependencies(Graph graph, Node node) => node.Op switch
    {
        "Exit" or "RefExit" => LoopOf(graph, node).Entering,
        "Merge" or "RefMerge" => ConditionalOf(graph, node).Entering,
        _ when FourBitMatrix.OfProduct(graph, node) is not null => node.DataInputs.Take(1),
        _ => node.DataInputs,
    };

    /// <summary>The loop that an Exit ends.</summary>
    /// <exception cref="ModelFormatException">The nodes around it do not make a loop.</exception>
    public static FrameLoop LoopOf(Graph graph, Node exit) =>
        FrameLoop.Of(graph, exit) ?? throw OnnxDiagnostics.Decline($"the nodes around '{exit.Name}' do not make a loop of Enter, Merge, Switch, NextIteration and Exit");

    /// <summary>The conditional that a Merge ends.</summary>
    /// <exception cref="ModelFormatException">No condition tells its inputs apart.</exception>
    public static MergeConditional ConditionalOf(Graph graph, Node merge) =>
        MergeConditional.Of(graph, merge) ?? throw OnnxDiagnostics.Decline("a merge whose two branches no condition tells apart");
}
