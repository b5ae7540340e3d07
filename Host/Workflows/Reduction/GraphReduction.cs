using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Reduction;

/// <summary>
/// Finds a small graph, with values for its inputs, that still shows a fault: an earlier output, inputs that are cut near it, and inputs that share a node. Shapes stay as they are.
/// </summary>
/// <param name="showsFault">Whether a case shows the fault.</param>
/// <param name="cancellation">Ends the reduction.</param>
/// <param name="progress">Receives how many cases are tried, and the smallest that shows the fault; null reports nothing.</param>
public sealed class GraphReduction(Func<ReducedCase, bool> showsFault, CancellationToken cancellation, IProgress<WorkProgress>? progress = null)
{
    private readonly ProgressMeter meter = new(progress, "trying cases");
    private int fewest = int.MaxValue;

    /// <summary>How many cases were tried.</summary>
    public int Runs { get; private set; }

    /// <summary>How many of them showed the fault.</summary>
    public int Shown { get; private set; }

    /// <summary>Reduces a graph.</summary>
    /// <param name="graph">The graph with the fault.</param>
    /// <param name="reference">The graph that it is compared with, whose nodes have the same names; or null.</param>
    /// <param name="outputs">Nodes that show the fault.</param>
    /// <param name="feeds">Values of the inputs, by node.</param>
    /// <param name="values">Values of other nodes, by node: those that may become inputs or outputs.</param>
    /// <returns>Null when no output shows the fault.</returns>
    public ReducedCase? Run(Graph graph, Graph? reference, IEnumerable<string> outputs, IReadOnlyDictionary<string, Tensor> feeds, IReadOnlyDictionary<string, Tensor> values)
    {
        var all = new Dictionary<string, Tensor>(values, StringComparer.Ordinal);
        foreach (var (name, value) in feeds)
            all[name] = value;
        var cuts = feeds.Keys.ToHashSet(StringComparer.Ordinal);
        if (outputs.FirstOrDefault(output => Shows(graph, reference, output, cuts, all)) is not { } shown)
            return null;
        string earliest = Earliest(graph, reference, shown, cuts, all);
        string[] candidates = [.. CutCandidates(graph, reference, earliest, all)];
        var kept = DeltaDebugging.Minimum(candidates, uncut => Shows(graph, reference, earliest, CutsWithout(uncut), all));
        return Shared(Case(graph, reference, earliest, CutsWithout(kept), all));

        HashSet<string> CutsWithout(IReadOnlyList<string> uncut) => [.. feeds.Keys, .. candidates.Except(uncut, StringComparer.Ordinal)];
    }

    private bool Shows(Graph graph, Graph? reference, string output, HashSet<string> cuts, IReadOnlyDictionary<string, Tensor> values) => Shows(Case(graph, reference, output, cuts, values));

    private bool Shows(ReducedCase tried)
    {
        cancellation.ThrowIfCancellationRequested();
        Runs++;
        bool shows = showsFault(tried);
        Shown += shows ? 1 : 0;
        if (shows && tried.Graph.Nodes.Length < fewest)
        {
            fewest = tried.Graph.Nodes.Length;
            meter.Best = $"{fewest} nodes";
        }
        meter.Step();
        return shows;
    }

    private static ReducedCase Case(Graph graph, Graph? reference, string output, HashSet<string> cuts, IReadOnlyDictionary<string, Tensor> values)
    {
        Graph part = Subgraph.Of(graph, output, cuts, values);
        Graph? other = reference is null ? null : Subgraph.Of(reference, output, cuts, values);
        var fed = cuts.Where(cut => part.TryFind(cut, out _) || (other?.TryFind(cut, out _) ?? false));
        return new(part, other, output, fed.ToDictionary(cut => cut, cut => values[cut], StringComparer.Ordinal));
    }

    /// <summary>An output from which no producer, and none of some nodes farther up, shows the fault. Farther ones are tried first, in halving distances.</summary>
    private string Earliest(Graph graph, Graph? reference, string output, HashSet<string> cuts, IReadOnlyDictionary<string, Tensor> values)
    {
        var order = ExecutionOrder.Sort(graph).Nodes.Select((node, i) => (node.Name, i)).ToDictionary(entry => entry.Name, entry => entry.i, StringComparer.Ordinal);
        var failed = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            string[] ancestors = [.. Subgraph.Needed(graph, output, cuts).Where(name => name != output && !cuts.Contains(name) && values.ContainsKey(name) && (reference is null || reference.TryFind(name, out _))).OrderBy(name => order.GetValueOrDefault(name))];
            string[] producers = [.. graph.Find(output)!.DataInputs.Select(input => input.Node).Where(ancestors.Contains).Distinct(StringComparer.Ordinal)];
            if (Probes(ancestors).Concat(producers).FirstOrDefault(name => !failed.Contains(name) && (Shows(graph, reference, name, cuts, values) || !failed.Add(name))) is not { } earlier)
                return output;
            output = earlier;
        }
    }

    private static IEnumerable<string> Probes(string[] ancestors)
    {
        for (int distance = ancestors.Length / 2; distance > 0; distance /= 2)
            yield return ancestors[^distance];
    }

    /// <summary>Nodes that may become inputs: their values are known, both graphs have them, and only their first output is read.</summary>
    private static IEnumerable<string> CutCandidates(Graph graph, Graph? reference, string output, Dictionary<string, Tensor> values)
    {
        var needed = Subgraph.Needed(graph, output, new HashSet<string>());
        return needed.Where(name => name != output && values.ContainsKey(name) && graph.Find(name)!.Op != "Const" && (reference is null || reference.TryFind(name, out _)) && IsReadAtPortZero(graph, name) && (reference is null || IsReadAtPortZero(reference, name)));
    }

    private static bool IsReadAtPortZero(Graph graph, string name) => graph.ConsumersOf(name).All(consumer => consumer.Node.Inputs[consumer.Input] is { IsControl: true } or { Port: 0 });

    /// <summary>The case with constants and inputs of one type and shape joined to one node, where the fault stays.</summary>
    private ReducedCase Shared(ReducedCase reduced)
    {
        foreach (Node node in reduced.Graph.Nodes.Where(IsSource))
        {
            foreach (Node other in reduced.Graph.Nodes.Where(IsSource))
            {
                if (other.Name == node.Name || !reduced.Graph.TryFind(node.Name, out _) || !reduced.Graph.TryFind(other.Name, out _) || !IsAlike(reduced, node, other))
                    continue;
                ReducedCase joined = Joined(reduced, node.Name, other.Name);
                if (Shows(joined))
                    reduced = joined;
            }
        }
        return reduced;
    }

    private static bool IsSource(Node node) => node.Op is "Const" or "Placeholder";

    private static bool IsAlike(ReducedCase reduced, Node left, Node right) =>
        ValueOf(reduced, left) is { } x && ValueOf(reduced, right) is { } y && x.Type == y.Type && x.Shape.Equals(y.Shape);

    private static Tensor? ValueOf(ReducedCase reduced, Node node) => node.Op == "Const" ? node.TensorAttribute("value") : reduced.Feeds.GetValueOrDefault(node.Name);

    private static ReducedCase Joined(ReducedCase reduced, string kept, string gone)
    {
        Graph Redirected(Graph graph) => graph.WithNodes([.. graph.Nodes.Where(node => node.Name != gone).Select(node => node with { Inputs = [.. node.Inputs.Select(input => input.Node == gone ? NodeInput.Data(kept, input.Port) : input)] })]);
        return reduced with
        {
            Graph = Redirected(reduced.Graph),
            Reference = reduced.Reference is null ? null : Redirected(reduced.Reference),
            Feeds = reduced.Feeds.Where(feed => feed.Key != gone).ToDictionary(StringComparer.Ordinal),
        };
    }
}
