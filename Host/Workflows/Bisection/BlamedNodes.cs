using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Comparison;
using TransformFramework.Workflows.Inspection;

namespace TransformFramework.Workflows.Bisection;

/// <summary>Which nodes make a step bad: where the error enters, the node that cannot run, else what the step changed.</summary>
public static class BlamedNodes
{
    private const int Most = 10;

    /// <summary>Fills in the nodes of a result.</summary>
    /// <param name="result">The step.</param>
    /// <param name="backend">Runs graphs.</param>
    /// <param name="outputs">Tensors that the graphs are run for.</param>
    /// <param name="feeds">Values of the inputs.</param>
    /// <param name="tolerance">Largest difference allowed, relative to a tensor's largest magnitude.</param>
    /// <param name="cancellation">Ends the runs.</param>
    public static BisectionResult Fill(BisectionResult result, IBackend backend, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds, double tolerance, CancellationToken cancellation) =>
        result with { Nodes = [.. Of(result, backend, outputs, feeds, tolerance, cancellation)] };

    private static IEnumerable<BlamedNode> Of(BisectionResult result, IBackend backend, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds, double tolerance, CancellationToken cancellation)
    {
        if (result.After is not { } after)
            return result.FailedNode is { } failed ? [new(failed, "the step names it")] : [];
        ImmutableArray<BlamedNode> changed = [.. GraphDifferences.Of(result.Before, after).Where(difference => difference.Right is not null || IsRead(result.Before, difference.Name)).Take(Most).Select(difference => new BlamedNode(difference.Name, Described(difference.Kind)))];
        try
        {
            var options = new CompileOptions { Feeds = [.. feeds.Keys] };
            return LayerComparison.Of(backend, result.Before, after, outputs, feeds, options, cancellation).Entry(tolerance) is { } entry
                ? [new(entry.Layer.Node.Name, FormattableString.Invariant($"the error enters here, at {entry.Layer.Comparison.Sqnr:F1} dB")), .. changed.Where(node => node.Name != entry.Layer.Node.Name)]
                : changed;
        }
        catch (ExecutionException error)
        {
            return error.Node is { } node ? [new(node, $"it cannot run: {error.Message}"), .. changed.Where(other => other.Name != node)] : changed;
        }
    }

    private static bool IsRead(Graph graph, string name) => !graph.ConsumersOf(name).IsEmpty;

    private static string Described(string kind) => kind switch
    {
        "only in the first graph" => "removed by the step",
        "only in the second graph" => "added by the step",
        _ => kind,
    };
}
