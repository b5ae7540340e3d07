using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Takes nodes out that pass their first input on.
/// <code>
/// y = Identity(x)        z = Relu(x)
/// z = Relu(y)        →
/// </code>
/// Inputs and outputs of the run stay. Of a node with several inputs (max_inputs) the first remains. What a graph computes does not change for Identity-like
/// ops. The original drops the other inputs even when they have other readers, loses control inputs, and redirects <c>^y</c> to <c>^x</c> where x is
/// a Switch, which starts the readers in branches that were not taken; without --verbatim such nodes stay.
/// </summary>
[Transform("remove_nodes", Summary = "Removes pass-through nodes of the given ops.", IsClassic = true)]
public sealed class RemoveNodes : Transform<RemoveNodes.Options>
{
    public sealed record Options
    {
        [Option("op", "Op to remove; may be repeated.", CountMessage = "remove_nodes expects at least one 'op' argument, e.g. remove_nodes(op=Identity)")]
        public required ImmutableArray<string> Op { get; init; }

        [Option("max_inputs", "Largest number of data inputs of the nodes to remove.")]
        public int MaxInputs { get; init; } = 1;
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        if (options.Op.IsDefaultOrEmpty)
            throw new TransformException("remove_nodes expects at least one 'op' argument, e.g. remove_nodes(op=Identity)");
        if (options.MaxInputs <= 0)
            return graph;
        var required = context.InputNames.Concat(context.OutputNames).Select(name => new NodeInput(name).Node).ToHashSet(StringComparer.Ordinal);
        var declined = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string op in options.Op)
        {
            for (int inputs = 1; inputs <= Math.Min(options.MaxInputs, MostInputs(graph)); inputs++)
                graph = RemoveAll(graph, OpPattern.Of(op, Wildcards(inputs)), required, declined, context);
        }
        foreach (var (node, reason) in declined)
        {
            context.Explain(node, reason);
            context.Report(StructureDiagnostics.NotRemoved.With(node, reason) with { Node = node });
        }
        return graph.AsNodesOnly(context);
    }

    private static Graph RemoveAll(Graph graph, OpPattern pattern, HashSet<string> required, Dictionary<string, string> declined, TransformContext context)
    {
        while (true)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            Graph current = graph;
            var renames = new Dictionary<string, string>(StringComparer.Ordinal);
            graph = PatternReplacement.Apply(current, pattern, site => Replace(current, site.Match, required, renames, declined, context), allowInconsistencies: true);
            if (renames.Count == 0)
                return graph;
            graph = InputRenaming.Apply(graph, renames);
        }
    }

    private static ImmutableArray<Node> Replace(Graph graph, NodeMatch match, HashSet<string> required, Dictionary<string, string> renames, Dictionary<string, string> declined, TransformContext context)
    {
        Node node = match.Node;
        if (required.Contains(node.Name))
            return match.AllNodes();
        if (!context.IsVerbatim && ReasonToDecline(graph, match, required) is { } reason)
        {
            declined[node.Name] = reason;
            return match.AllNodes();
        }
        Node first = match.Inputs[0].Node;
        renames[node.Name] = node.Inputs.First(input => input.Text.StartsWith(first.Name, StringComparison.Ordinal)).Text;
        renames["^" + node.Name] = "^" + first.Name;
        context.Count("nodes removed");
        return [first];
    }

    private static string? ReasonToDecline(Graph graph, NodeMatch match, HashSet<string> required)
    {
        Node node = match.Node;
        Node first = match.Inputs[0].Node;
        if (node.ControlInputs.Any())
            return "its control inputs would be lost (remove_control_dependencies drops them on purpose)";
        var consumers = graph.ConsumersOf(node);
        if (consumers.Any(consumer => consumer.Node.Inputs[consumer.Input].Port > 0))
            return "an output beyond its first is read";
        if (first.Op is "Switch" or "RefSwitch" && consumers.Any(consumer => consumer.Node.Inputs[consumer.Input].IsControl))
            return $"control inputs refer to it, and '{first.Name}' is a Switch: they would run in branches that were not taken";
        foreach (NodeMatch input in match.Inputs.Skip(1))
        {
            Node other = input.Node;
            if (other.Name != first.Name && (required.Contains(other.Name) || graph.ConsumersOf(other).Any(consumer => consumer.Node.Name != node.Name)))
                return $"its input '{other.Name}' would be dropped with it, but is used elsewhere";
        }
        return null;
    }

    private static int MostInputs(Graph graph) => graph.Nodes.IsEmpty ? 0 : graph.Nodes.Max(node => node.Inputs.Length);

    private static OpPattern[] Wildcards(int count) => [.. Enumerable.Repeat(OpPattern.Of("*"), count)];
}
