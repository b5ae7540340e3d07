using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Reports;

/// <summary>Records the states of a graph over the steps of a run. Tensors are not kept beyond the step that drops them.</summary>
public sealed class GraphHistory
{
    private const int ShownElements = 8;
    private static readonly GraphTextOptions Options = new() { MaxElements = ShownElements };

    private readonly List<ReportNode> ended = [];
    private Dictionary<string, (ReportNode Shown, Node Node)> current = new(StringComparer.Ordinal);
    private int state;

    /// <param name="graph">The graph before the first step.</param>
    public GraphHistory(Graph graph) => Begin(graph);

    /// <summary>Takes in the graph after a step.</summary>
    public void Add(Graph after)
    {
        state++;
        var before = current;
        current = new(after.Nodes.Length, StringComparer.Ordinal);
        foreach (Node node in after.Nodes)
        {
            bool isSame = before.Remove(node.Name, out var known) && Same(known.Node, node);
            if (known.Shown is not null && !isSame)
                ended.Add(known.Shown with { Last = state - 1 });
            current[node.Name] = (isSame ? known.Shown! : Shown(node, state), node);
        }
        ended.AddRange(before.Values.Select(gone => gone.Shown with { Last = state - 1 }));
    }

    /// <summary>The graph over all states.</summary>
    /// <param name="inputs">Tensors of the inputs.</param>
    /// <param name="outputs">Tensors of the outputs.</param>
    public ReportGraph ToReport(IEnumerable<string> inputs, IEnumerable<string> outputs) => new(state + 1, NodesOf(inputs), NodesOf(outputs), [.. ended, .. current.Values.Select(entry => entry.Shown with { Last = state })]);

    /// <summary>One graph without steps.</summary>
    public static ReportGraph Single(Graph graph, IEnumerable<string> inputs, IEnumerable<string> outputs) => new GraphHistory(graph).ToReport(inputs, outputs);

    /// <summary>Two graphs, as if one step led from the first to the second.</summary>
    public static ReportGraph Pair(Graph before, Graph after, IEnumerable<string> inputs, IEnumerable<string> outputs)
    {
        var history = new GraphHistory(before);
        history.Add(after);
        return history.ToReport(inputs, outputs);
    }

    private void Begin(Graph graph)
    {
        foreach (Node node in graph.Nodes)
            current[node.Name] = (Shown(node, state), node);
    }

    private static bool Same(Node left, Node right) =>
        ReferenceEquals(left, right)
        || (left.Op == right.Op && left.Device == right.Device && left.Inputs.AsSpan().SequenceEqual(right.Inputs.AsSpan()) && left.Attributes.Count == right.Attributes.Count
            && left.Attributes.All(attribute => right.Attributes.TryGetValue(attribute.Key, out var other) && Same(attribute.Value, other)));

    private static bool Same(AttributeValue left, AttributeValue right) => ReferenceEquals(left, right) || (left is TensorValue x && right is TensorValue y ? x.Value.ContentEquals(y.Value) : left.Equals(right));

    private static ReportNode Shown(Node node, int first) => new(node.Name, node.Op, [.. node.Inputs.Select(input => input.Text)], TypeOf(node), BytesOf(node), AttributesOf(node), first, first);

    private static string TypeOf(Node node) => (node.TypeAttribute("dtype") ?? node.TypeAttribute("out_type") ?? node.TypeAttribute("DstT") ?? node.TypeAttribute("T")) is { } type ? type.Base().Name() : "";

    private static long BytesOf(Node node) => node.Attributes.Values.OfType<TensorValue>().Sum(tensor => tensor.Value.StoredBytes.Length + tensor.Value.StoredStrings.Sum(text => (long)text.Length));

    private static string AttributesOf(Node node) => string.Join('\n', node.Attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal).Select(attribute => $"{attribute.Key} = {GraphText.Print(attribute.Value, Options).TrimEnd()}"));

    private static ImmutableArray<string> NodesOf(IEnumerable<string> tensors) => [.. tensors.Select(tensor => new NodeInput(tensor).Node)];
}
