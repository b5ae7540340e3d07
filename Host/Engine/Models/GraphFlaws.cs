using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Engine.Models;

/// <summary>Flaws that no reader of graphs takes: names with a colon, several nodes of one name, nodes that wait for one another.</summary>
public static class GraphFlaws
{
    private const int Listed = 8;

    /// <summary>Every flaw, as errors.</summary>
    public static ImmutableArray<Diagnostic> Find(Graph graph)
    {
        var flaws = ImmutableArray.CreateBuilder<Diagnostic>();
        string[] unreadable = [.. graph.Nodes.Select(node => node.Name).Where(name => name.Length == 0 || name.Contains(':', StringComparison.Ordinal))];
        if (unreadable.Length > 0)
        {
            string free = unreadable[0].Split(':')[0];
            string flaw = unreadable[0].Length == 0 ? "a node has no name" : $"a node's name holds no colon, which precedes the number of an output: {Names(unreadable)}";
            flaws.Add(EngineDiagnostics.NameWithColon.With(flaw) with { Node = unreadable[0], Suggestion = $"--transforms='rename_node(old_node_name=\"{unreadable[0]}\", new_node_name=\"{(free.Length == 0 ? "node" : free)}\")' gives it another." });
        }
        string[] repeated = [.. Repeated(graph).Distinct(StringComparer.Ordinal)];
        if (repeated.Length > 0)
        {
            flaws.Add(EngineDiagnostics.RepeatedName.With($"several nodes have the same name: {Names(repeated)}") with { Node = repeated[0], Suggestion = "Name nodes once, in the program that writes the graph." });
        }
        if (GraphCycles.Find(graph) is { IsEmpty: false } cycle)
        {
            flaws.Add(EngineDiagnostics.Cycle.With($"the graph has a cycle: {Names(cycle)} read one another") with { Node = cycle[0], Suggestion = "Only loops of Enter, Merge, Switch and NextIteration may go round; write the graph anew." });
        }
        return flaws.ToImmutable();
    }

    /// <summary>The graph with one of the nodes that are equal in all, their names included; the same instance when there are none.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="merged">A warning, or null.</param>
    internal static Graph WithoutRepetitions(Graph graph, out Diagnostic? merged)
    {
        merged = null;
        if (!Repeated(graph).Any())
            return graph;
        var seen = new Dictionary<string, Node>(StringComparer.Ordinal);
        string? first = null;
        int dropped = 0;
        Graph single = graph.Where(node =>
        {
            if (seen.TryAdd(node.Name, node) || !node.Equals(seen[node.Name]))
                return true;
            first ??= node.Name;
            dropped++;
            return false;
        });
        if (first is not null)
            merged = EngineDiagnostics.MergedRepetition.With($"{dropped} nodes are there twice, with the same name, inputs and attributes, such as '{first}'; one of each is kept") with { Node = first };
        return single;
    }

    private static IEnumerable<string> Repeated(Graph graph)
    {
        var seen = new HashSet<string>(graph.Nodes.Length, StringComparer.Ordinal);
        return graph.Nodes.Where(node => !seen.Add(node.Name)).Select(node => node.Name);
    }

    private static string Names(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(Listed).Select(name => $"'{name}'")) + (names.Count > Listed ? $" and {names.Count - Listed} more" : "");
}
