using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Calibration;

/// <summary>Runs a graph on samples and keeps statistics of every float tensor that depends on them. One sample is in memory at a time.</summary>
public static class CalibrationRun
{
    /// <summary>Statistics over all samples.</summary>
    /// <param name="backend">Runs the graph.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">What the graph is run for.</param>
    /// <param name="samples">Feeds of one sample after the other, see <see cref="SampleData"/>.</param>
    /// <param name="print">Receives what Print nodes of the graph write.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <param name="progress">Receives how many samples have been run.</param>
    /// <exception cref="FeedException">A sample cannot be read, or lacks a value that the graph needs.</exception>
    public static RangeFile Run(IBackend backend, Graph graph, IReadOnlyList<string> outputs, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, Action<string> print, CancellationToken cancellation, IProgress<WorkProgress>? progress = null)
    {
        var ranges = new RangeFile();
        string[] tensors = [.. Tensors(graph, outputs)];
        string? feedsKey = null;
        IExecutable? executable = null;
        foreach (var feeds in new ProgressMeter(progress, "calibrating").Count(samples))
        {
            cancellation.ThrowIfCancellationRequested();
            string key = string.Join(',', feeds.Keys);
            if (executable is null || key != feedsKey)
            {
                FeedArguments.CheckComplete(graph, outputs, feeds);
                executable = backend.Compile(graph, tensors, new CompileOptions { Feeds = [.. feeds.Keys], Print = print });
            }
            feedsKey = key;
            var values = executable.Run(feeds, cancellation);
            var seen = values.Select((value, i) => (Value: value, Tensor: tensors[i])).Where(entry => entry.Value.Type == DataType.Float).Select(entry => (entry.Value, Statistics: StatisticsOf(ranges, entry.Tensor))).ToArray();
            SampleRuns.Each(seen.Length, i => seen[i].Statistics.Add(seen[i].Value), cancellation);
            ranges.Samples++;
        }
        return ranges;
    }

    private static TensorStatistics StatisticsOf(RangeFile ranges, string tensor)
    {
        if (!ranges.Tensors.TryGetValue(tensor, out var statistics))
            ranges.Tensors.Add(tensor, statistics = new());
        return statistics;
    }

    /// <summary>First outputs, and others that are read, of what depends on an input.</summary>
    private static IEnumerable<string> Tensors(Graph graph, IReadOnlyList<string> outputs)
    {
        var varying = new HashSet<string>(StringComparer.Ordinal);
        foreach (Node node in ExecutionOrder.Sort(graph).Nodes)
        {
            if (node.Op.StartsWith("Placeholder", StringComparison.Ordinal) || node.DataInputs.Any(input => varying.Contains(input.Node)))
                varying.Add(node.Name);
        }
        foreach (string name in FetchableNodes.Of(graph, outputs).Where(varying.Contains))
        {
            yield return name;
            var ports = graph.ConsumersOf(name).Select(consumer => consumer.Node.Inputs[consumer.Input]).Where(input => input.Port > 0).Select(input => input.Canonical);
            foreach (string port in ports.Distinct(StringComparer.Ordinal))
                yield return port;
        }
    }
}
