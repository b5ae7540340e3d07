using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Bisection;

/// <summary>What makes a graph bad against the one that a script began with.</summary>
public static class GraphFaults
{
    /// <summary>It does not run, or an output differs.</summary>
    /// <param name="backend">Runs graphs.</param>
    /// <param name="reference">The graph that is good.</param>
    /// <param name="outputs">Tensors that the graphs are run for.</param>
    /// <param name="feeds">Values of the inputs.</param>
    /// <param name="tolerance">Largest difference allowed, relative to the output's largest magnitude.</param>
    /// <param name="cancellation">Ends a run.</param>
    /// <exception cref="ExecutionException">The good graph does not run.</exception>
    public static Func<Graph, string?> OfOutputs(IBackend backend, Graph reference, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds, double tolerance, CancellationToken cancellation)
    {
        var options = new CompileOptions { Feeds = [.. feeds.Keys] };
        var expected = backend.Compile(reference, outputs, options).Run(feeds, cancellation);
        return graph =>
        {
            try
            {
                var found = backend.Compile(graph, outputs, options).Run(feeds, cancellation);
                return outputs.Select((output, i) => Difference(output, expected[i], found[i], tolerance)).FirstOrDefault(difference => difference is not null);
            }
            catch (ExecutionException error)
            {
                return $"the graph does not run: {error.Message}";
            }
        };
    }

    /// <summary>It does not run, or its accuracy is less.</summary>
    /// <param name="accuracyOf">Accuracy of a graph in percent.</param>
    /// <param name="reference">The graph that is good.</param>
    /// <param name="drop">Percentage points that may be lost.</param>
    public static Func<Graph, string?> OfAccuracy(Func<Graph, double> accuracyOf, Graph reference, double drop)
    {
        double expected = accuracyOf(reference);
        return graph =>
        {
            try
            {
                double found = accuracyOf(graph);
                return expected - found > drop ? FormattableString.Invariant($"accuracy falls from {expected:F2} to {found:F2} %") : null;
            }
            catch (ExecutionException error)
            {
                return $"the graph does not run: {error.Message}";
            }
            catch (Exception error) when (error is FeedException or EndpointException)
            {
                return $"the graph does not take the images any more: {error.Message}";
            }
        };
    }

    private static string? Difference(string output, Tensor expected, Tensor found, double tolerance)
    {
        if (TensorComparison.Of(expected, found) is not { } comparison)
            return expected.Type == found.Type && expected.ContentEquals(found) ? null : $"output '{output}' is {found}, it was {expected}";
        return comparison.MaxRelative <= tolerance ? null : FormattableString.Invariant($"output '{output}' differs by {comparison.MaxRelative:G3} of its largest magnitude");
    }
}
