using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Pipeline;

/// <summary>
/// Checks a step's graph. In verbatim mode only the original's check: inputs refer to existing nodes. Otherwise everything that TensorFlow would refuse:
/// what can be repaired safely is, with a warning; any other problem that the step brought fails it.
/// </summary>
internal sealed class GraphVerifier(PipelineOptions options, TransformCall call)
{
    /// <summary>Checks, and repairs in place; gives the error that fails the step, or null.</summary>
    public Diagnostic? Verify(Graph before, ref Graph after, List<Diagnostic> diagnostics)
    {
        if (options.Mode == TransformMode.Verbatim)
            return InvalidInput(after);
        if (ReferenceEquals(before, after))
            return null;
        after = ColocationRepair.Apply(after, diagnostics);
        after = PortRepair.Apply(after, diagnostics);
        List<Problem> problems = [.. Problems(after)];
        if (problems.Count > 0 && problems.Except(Problems(before)).FirstOrDefault() is { } problem)
            return EngineDiagnostics.BrokenGraph.With(call.Name, problem.Text) with { Span = call.Span, Node = problem.Node, Suggestion = problem.Suggestion };
        return LostEndpoint(before, after);
    }

    private Diagnostic? InvalidInput(Graph graph)
    {
        foreach (var (node, input) in GraphChecks.InvalidInputs(graph))
        {
            return EngineDiagnostics.MissingInputs.With("") with
            {
                Span = call.Span,
                Node = node.Name,
                Suggestion = $"'{node.Name}' reads '{input}', which is gone.",
            };
        }
        return null;
    }

    private Diagnostic? LostEndpoint(Graph before, Graph after)
    {
        foreach (string name in options.InputNames.Concat(options.OutputNames))
        {
            string node = new NodeInput(name).Node;
            if (before.TryFind(node, out _) && !after.TryFind(node, out _))
                return EngineDiagnostics.EndpointRemoved.With(call.Name, name) with { Span = call.Span, Node = node };
        }
        return null;
    }

    private static IEnumerable<Problem> Problems(Graph graph)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
        {
            if (!names.Add(node.Name))
                yield return new(node.Name, $"two nodes are named '{node.Name}'", null);
        }
        foreach (var (node, input) in GraphChecks.InvalidInputs(graph))
            yield return new(node.Name, $"'{node.Name}' reads '{input}', which does not exist", "Add strip_unused_nodes, or list the node in --outputs.");
        foreach (Node node in graph.Nodes)
        {
            foreach (NodeInput input in node.DataInputs)
            {
                if (graph.TryFind(input.Node, out var producer) && !HasPort(producer, input.Port))
                    yield return new(node.Name, $"'{node.Name}' reads '{input}', but '{producer.Name}' ({producer.Op}) has no such output", null);
            }
        }
        LoopFrames.Of(graph, out var mixed);
        foreach (string node in mixed)
            yield return new(node, $"'{node}' has inputs from different loop frames", null);
    }

    private static bool HasPort(Node producer, int port)
    {
        if (port < 0)
            return false;
        if (port == 0 || OpTable.Find(producer.Op) is not { } definition)
            return true;
        try
        {
            Node complete = definition.Attributes.Where(attribute => attribute.Default is not null && !producer.Attributes.ContainsKey(attribute.Name))
                .Aggregate(producer, (node, attribute) => node.With(attribute.Name, attribute.Default!));
            return port < OpTypes.OutputTypes(complete, definition).Length;
        }
        catch (TransformException)
        {
            return true;
        }
    }

    private sealed record Problem(string Node, string Text, string? Suggestion);
}
