using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>
/// Says whether a release of TensorFlow loads a graph and understands all of it: ops, attributes and their values, numbers and types of inputs, references, loop frames, colocations and versions,
/// as the release's registry of ops has them. It does not know which kernels a release has.
/// </summary>
public static class ReleaseVerifier
{
    /// <summary>Nodes of a cycle that a message lists.</summary>
    private const int Listed = 8;

    /// <summary>Everything that the release refuses, or takes in silence for something else; empty when it loads the graph as it is meant.</summary>
    public static ImmutableArray<ReleaseProblem> Verify(Graph graph, TensorFlowRelease release)
    {
        var problems = ImmutableArray.CreateBuilder<ReleaseProblem>();
        problems.AddRange(Versions(graph, release));
        var nodes = new NodeVerifier(graph, release);
        foreach (Node node in graph.Nodes)
            problems.AddRange(nodes.Verify(node));
        var unsound = problems.Select(problem => problem.Node?.Name ?? "").ToHashSet(StringComparer.Ordinal);
        var structure = Structure(graph).ToList();
        problems.AddRange(structure);
        if (structure.Count == 0)
            problems.AddRange(new InputVerifier(graph, nodes).Verify(node => !unsound.Contains(node.Name)));
        problems.AddRange(new FunctionVerifier(graph, nodes).Verify());
        return problems.ToImmutable();
    }

    /// <summary>What the release lacks for the nodes of a graph, its library left out: ops, attributes, and values of attributes.</summary>
    public static ImmutableArray<ReleaseProblem> Lacking(Graph graph, TensorFlowRelease release)
    {
        var nodes = new NodeVerifier(graph, release);
        return [.. graph.Nodes.SelectMany(nodes.Verify)];
    }

    private static IEnumerable<ReleaseProblem> Versions(Graph graph, TensorFlowRelease release)
    {
        if (graph.Versions is not { } versions)
            yield break;
        if (versions.MinConsumer > release.Producer)
            yield return new("", $"the graph asks for a reader of version {versions.MinConsumer} or newer; {release} is version {release.Producer}", null);
        if (versions.BadConsumers.Contains(release.Producer))
            yield return new("", $"the graph excludes readers of version {release.Producer}, which {release} is", null);
    }

    private static IEnumerable<ReleaseProblem> Structure(Graph graph)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
        {
            if (!names.Add(node.Name))
                yield return new("", $"Node '{node.Name}' is not unique", node);
            if (!IsName(node.Name))
                yield return new("", $"Node '{node.Name}': Node name contains invalid characters", node);
        }
        foreach (var (node, input) in GraphChecks.InvalidInputs(graph))
            yield return new("", $"Node '{node.Name}': Unknown input node '{input}'", node);
        foreach (Node node in graph.Nodes)
        {
            if (node.Inputs.SkipWhile(input => !input.IsControl).Any(input => !input.IsControl))
                yield return new("", $"node '{node.Name}' has data inputs after control inputs", node);
            foreach (string other in Colocations(node).Where(other => !names.Contains(other)))
                yield return new("", $"Node '{node.Name}' expects to be colocated with unknown node '{other}'", node);
        }
        if (GraphCycles.Find(graph) is { IsEmpty: false } cycle)
            yield return new("", $"the graph has a cycle: {string.Join(", ", cycle.Take(Listed).Select(name => $"'{name}'"))} read one another", graph.Find(cycle[0]));
        LoopFrames.Of(graph, out List<string> mixed);
        foreach (string name in mixed.Distinct(StringComparer.Ordinal))
            yield return new("", $"the inputs of node '{name}' are in different loops", graph.Find(name));
    }

    /// <summary>Names begin with a letter, a digit or a dot; <c>_ / \ - &gt;</c> may follow.</summary>
    private static bool IsName(string name) =>
        name.Length > 0 && (char.IsAsciiLetterOrDigit(name[0]) || name[0] == '.') && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '/' or '\\' or '-' or '>');

    private static IEnumerable<string> Colocations(Node node)
    {
        const string Prefix = "loc:@";
        return node.TryStringList("_class", out var classes) ? classes.Where(item => item.StartsWith(Prefix, StringComparison.Ordinal)).Select(item => item[Prefix.Length..]) : [];
    }
}
