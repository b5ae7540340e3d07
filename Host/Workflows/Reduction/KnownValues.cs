using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Reduction;

/// <summary>The values of a graph's nodes in a run.</summary>
public static class KnownValues
{
    /// <summary>Values by node, of what outputs need and can be fetched. In a graph that does not run to its end, those of what runs.</summary>
    /// <param name="backend">Runs the graph.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">What the graph is run for.</param>
    /// <param name="feeds">Values of the inputs.</param>
    /// <param name="cancellation">Ends the run.</param>
    public static Dictionary<string, Tensor> Of(IBackend backend, Graph graph, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation)
    {
        string[] names = [.. FetchableNodes.Of(graph, outputs).Where(name => !feeds.ContainsKey(name))];
        var values = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        Add(names);
        return values;

        void Add(ReadOnlySpan<string> some)
        {
            cancellation.ThrowIfCancellationRequested();
            if (some.IsEmpty)
                return;
            try
            {
                string[] asked = some.ToArray();
                var results = backend.Compile(graph, asked, new CompileOptions { Feeds = [.. feeds.Keys] }).Run(feeds, cancellation);
                for (int i = 0; i < asked.Length; i++)
                    values[asked[i]] = results[i];
            }
            catch (ExecutionException) when (some.Length > 1)
            {
                Add(some[..(some.Length / 2)]);
                Add(some[(some.Length / 2)..]);
            }
            catch (ExecutionException)
            {
            }
        }
    }
}
