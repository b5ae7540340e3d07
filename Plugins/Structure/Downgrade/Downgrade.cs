using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Downgrade;

/// <summary>
/// Writes a graph so that an older TensorFlow reads it and computes the same.
/// <code>
/// s = AddV2(x, b)                                       s = Add(x, b)
/// y = LeakyRelu(s) {alpha=0.1}              →           y/scaled = Mul(s, y/alpha)
///                                                       y = Maximum(s, y/scaled)        (target=tf1.4)
/// </code>
/// Ops, attributes and types that the target lacks are rewritten by ops that it has, calls are inlined, attributes at their default that it does not know are dropped, and the versions are
/// the target's. Some rewrites need shapes, which the backend infers. With a backend both graphs are run on made-up inputs and compared. What has no equivalent is an error that lists
/// all of it: a graph is written whole or not at all.
/// </summary>
[Transform("downgrade", Summary = "Rewrites a graph for an older release of TensorFlow.", NeedsBackend = true)]
public sealed class Downgrade : Transform<Downgrade.Options>
{
    private const int MostPasses = 50;

    public sealed record Options
    {
        [Option("target", "The release that must read the graph: tf1.4, tf1.15, tf2.3, tf2.12, or another from tf1.4 on.")]
        public required string Target { get; init; }

        [Option("check", "Run the graph before and after, and compare.")]
        public bool Check { get; init; } = true;
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        TensorFlowRelease target = TensorFlowRelease.Find(options.Target)
            ?? throw new TransformException($"there is no release '{options.Target}'") { Suggestion = $"Known are tf1.4 to tf{TensorFlowRelease.Newest.Version}." };
        Graph rewritten = Rewrite(CallLowering.Lower(graph, target, context), target, context);
        rewritten = WithVersions(WithoutUnusedFunctions(DefaultDropping.Apply(rewritten, target), target), target);
        if (ReleaseVerifier.Verify(rewritten, target) is { IsEmpty: false } left)
            throw Refusal(left, target, context);
        if (options.Check)
            ComparedRuns.Check(graph, rewritten, context);
        context.WrittenFor = $"tf{target.Version}";
        return rewritten;
    }

    /// <summary>Rewrites until the target has everything or nothing more can be rewritten: what a rewrite makes may need a rewrite itself.</summary>
    private static Graph Rewrite(Graph graph, TensorFlowRelease target, TransformContext context)
    {
        graph = Reachable.From(graph, context);
        for (int pass = 0; pass < MostPasses; pass++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            graph = DefaultDropping.Apply(graph, target);
            var step = new DowngradePass(graph, target, context);
            Graph next = step.Run();
            if (step.Rewritten == 0)
                return graph;
            context.Count("nodes rewritten", step.Rewritten);
            graph = Reachable.From(next, context);
        }
        throw new TransformException(StatusKind.Internal, $"the rewrites for {target} do not come to an end in {MostPasses} passes");
    }

    private static TransformException Refusal(ImmutableArray<ReleaseProblem> problems, TensorFlowRelease target, TransformContext context)
    {
        var named = problems.Where(problem => problem.Node is not null && problem.Entry.Length > 0).ToArray();
        foreach (var group in named.GroupBy(problem => problem.Entry, StringComparer.Ordinal))
            context.Report(StructureDiagnostics.NotDowngraded.With(group.Key, group.Count(), target, group.First().Node!.Name));
        string entries = string.Join(", ", named.Select(problem => problem.Entry).Distinct(StringComparer.Ordinal));
        string reasons = string.Join("; ", named.Select(problem => DowngradePass.DeclineOf(problem.Node!, context)?.Reason).OfType<string>().Distinct(StringComparer.Ordinal).Take(5));
        string message = entries.Length == 0 ? problems[0].Message : $"{target} has no equivalent of {entries}{(reasons.Length == 0 ? "" : $" ({reasons})")}";
        return new(StatusKind.Unimplemented, message, problems[0].Node?.Name)
        {
            DiagnosticId = StructureDiagnostics.NotDowngraded.Id,
            Suggestion = $"'transform_graph lint --for=tf{target.Version} --in_graph=…' lists every node; a newer target may have them.",
        };
    }

    private static Graph WithoutUnusedFunctions(Graph graph, TensorFlowRelease target)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<Node>(graph.Nodes);
        while (open.TryPop(out var node))
        {
            foreach (string name in Called(node).Where(used.Add))
            {
                foreach (Node inner in graph.Functions.Find(name)?.Nodes ?? [])
                    open.Push(inner);
            }
        }
        var kept = graph.Functions.Functions.Where(function => used.Contains(function.Signature.Name)).ToImmutableArray();
        return kept.IsEmpty ? graph.WithFunctions(FunctionLibrary.Empty) : graph.WithFunctions(graph.Functions with { Functions = kept });
    }

    private static IEnumerable<string> Called(Node node) =>
        node.Attributes.Values.SelectMany(value => value is ListValue list ? list.Items : [value]).OfType<FunctionValue>().Select(function => function.Name).Prepend(node.Op);

    private static Graph WithVersions(Graph graph, TensorFlowRelease target) => graph.WithVersions(new GraphVersions(target.Producer));
}
