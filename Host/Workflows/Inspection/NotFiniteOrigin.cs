using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Inspection;

/// <summary>Finds where a graph first computes NaN or infinite numbers.</summary>
public static class NotFiniteOrigin
{
    /// <summary>A warning that names the first node with such an element, as <see cref="Find"/> finds it; null when there is none, or when the graph does not run with all its tensors as outputs.</summary>
    /// <inheritdoc cref="Find" path="/param"/>
    public static Diagnostic? Diagnose(IBackend backend, Graph graph, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds, CompileOptions options, CancellationToken cancellation)
    {
        try
        {
            return Find(backend, graph, outputs, feeds, options, cancellation) is { } origin
                ? WorkflowsDiagnostics.FirstNotFinite.With(origin.Name, origin.Op) with { Suggestion = WorkflowsDiagnostics.FirstNotFinite.Remedy }
                : null;
        }
        catch (ExecutionException)
        {
            return null;
        }
    }

    /// <summary>The first node, in execution order, with such an element in its first output; null when there is none outside loops and branches.</summary>
    /// <param name="backend">Runs the graph once, with every tensor as an output.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">What the graph is run for.</param>
    /// <param name="feeds">Values of the inputs.</param>
    /// <param name="options">Choices of the compilation.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="ExecutionException">A node cannot be run.</exception>
    public static Node? Find(IBackend backend, Graph graph, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds, CompileOptions options, CancellationToken cancellation)
    {
        string[] names = [.. FetchableNodes.Of(graph, outputs).Where(name => !feeds.ContainsKey(name))];
        if (names.Length == 0)
            return null;
        var values = backend.Compile(graph, names, options).Run(feeds, cancellation);
        int first = values.IndexOf(values.FirstOrDefault(value => NotFiniteValues.First(value) is not null)!);
        return first < 0 ? null : graph.Find(names[first]);
    }
}
