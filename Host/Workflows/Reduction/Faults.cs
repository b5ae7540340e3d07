using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Reduction;

/// <summary>Faults that a case may show.</summary>
public static class Faults
{
    /// <summary>The graph computes something else than its reference, or does not run while the reference does.</summary>
    /// <param name="backend">Runs both.</param>
    /// <param name="tolerance">Largest difference allowed, relative to the output's largest magnitude.</param>
    /// <param name="cancellation">Ends a run.</param>
    public static Func<ReducedCase, bool> Difference(IBackend backend, double tolerance, CancellationToken cancellation) => tried =>
        Run(backend, tried.Reference!, tried, cancellation) is { } expected && (Run(backend, tried.Graph, tried, cancellation) is not { } found || Differs(expected, found, tolerance));

    /// <summary>The graph does not run, and the same kind of node is named.</summary>
    /// <param name="backend">Runs graphs.</param>
    /// <param name="op">Op of the node that fails; null for any.</param>
    /// <param name="cancellation">Ends a run.</param>
    public static Func<ReducedCase, bool> Failure(IBackend backend, string? op, CancellationToken cancellation) => tried =>
    {
        try
        {
            Compiled(backend, tried.Graph, tried).Run(tried.Feeds, cancellation);
            return false;
        }
        catch (ExecutionException error)
        {
            return op is null || error.Node is null || tried.Graph.Find(error.Node)?.Op == op;
        }
    };

    /// <summary>A script fails with a diagnostic, or what it leaves computes something else.</summary>
    /// <param name="source">The transforms.</param>
    /// <param name="script">The script.</param>
    /// <param name="diagnostic">Id of the diagnostic that ends the script; null when its result computes something else.</param>
    /// <param name="backend">Runs graphs.</param>
    /// <param name="tolerance">Largest difference allowed, relative to the output's largest magnitude.</param>
    /// <param name="cancellation">Ends a run.</param>
    public static Func<ReducedCase, bool> Script(ITransformSource source, Script script, string? diagnostic, IBackend backend, double tolerance, CancellationToken cancellation) => tried =>
    {
        var options = new PipelineOptions { InputNames = [.. tried.Feeds.Keys], OutputNames = [tried.Output] };
        PipelineResult result = new PipelineRunner(source).Run(tried.Graph, script, options, cancellation);
        if (diagnostic is not null || result.Graph is null)
            return result.Failure?.Diagnostic.Id == diagnostic;
        return Run(backend, tried.Graph, tried, cancellation) is { } expected && (Run(backend, result.Graph, tried, cancellation) is not { } found || Differs(expected, found, tolerance));
    };

    private static IExecutable Compiled(IBackend backend, Graph graph, ReducedCase tried) => backend.Compile(graph, [tried.Output], new CompileOptions { Feeds = [.. tried.Feeds.Keys.Where(feed => graph.TryFind(feed, out _))] });

    private static Tensor? Run(IBackend backend, Graph graph, ReducedCase tried, CancellationToken cancellation)
    {
        try
        {
            return Compiled(backend, graph, tried).Run(tried.Feeds.Where(feed => graph.TryFind(feed.Key, out _)).ToDictionary(StringComparer.Ordinal), cancellation)[0];
        }
        catch (ExecutionException)
        {
            return null;
        }
    }

    private static bool Differs(Tensor expected, Tensor found, double tolerance) =>
        TensorComparison.Of(expected, found) is { } comparison ? !(comparison.MaxRelative <= tolerance) : expected.Type != found.Type || !expected.ContentEquals(found);
}
