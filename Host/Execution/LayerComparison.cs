using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;

namespace TransformFramework.Host.Execution;

/// <summary>Compares two graphs tensor by tensor: every node of the same name in both that can be fetched.</summary>
internal static class LayerComparison
{
    /// <summary>One comparison per shared node, in execution order of the reference graph.</summary>
    public static List<(Node Node, TensorComparison Comparison)> Compare(IBackend backend, Graph reference, Graph actual, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds, CompileOptions options, CancellationToken cancellation)
    {
        var needed = Needed(reference, outputs);
        var neededToo = Needed(actual, outputs);
        string[] shared = [.. Fetchable(reference).Where(needed.Contains).Intersect(Fetchable(actual).Where(neededToo.Contains), StringComparer.Ordinal).Where(name => !feeds.ContainsKey(name))];
        var expected = backend.Compile(reference, shared, options).Run(feeds, cancellation);
        var found = backend.Compile(actual, shared, options).Run(feeds, cancellation);
        var layers = new List<(Node Node, TensorComparison Comparison)>();
        for (int i = 0; i < shared.Length; i++)
        {
            if (expected[i].Type.IsNumeric() && found[i].Type == expected[i].Type && TensorComparison.Of(expected[i], found[i]) is { } comparison)
                layers.Add((reference.Find(shared[i])!, comparison));
        }
        return layers;
    }

    private static bool IsNumeric(this DataType type) => type is DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16;

    /// <summary>Nodes with a value in every run: not constants, not inside loops or behind a Switch.</summary>
    private static IEnumerable<string> Fetchable(Graph graph)
    {
        var hidden = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<Node>(graph.Nodes.Where(node => node.Op is "Switch" or "Enter" or "RefSwitch" or "RefEnter"));
        while (open.TryPop(out var node))
        {
            if (!hidden.Add(node.Name))
                continue;
            foreach (Consumer consumer in graph.ConsumersOf(node).Where(consumer => consumer.Node.Op is not ("Exit" or "RefExit")))
                open.Push(consumer.Node);
        }
        return ExecutionOrder.Sort(graph).Nodes.Where(node => !hidden.Contains(node.Name) && node.Op is not ("Const" or "NoOp" or "Placeholder" or "Assert")).Select(node => node.Name);
    }

    private static HashSet<string> Needed(Graph graph, IReadOnlyList<string> outputs)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(outputs.Select(output => new NodeInput(output).Node));
        while (open.TryPop(out var name))
        {
            if (!needed.Add(name) || !graph.TryFind(name, out var node))
                continue;
            foreach (NodeInput input in node.Inputs)
                open.Push(input.Node);
        }
        return needed;
    }
}
