using System.Collections.Concurrent;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Calibration;

/// <summary>Runs a graph on samples and keeps statistics of every float tensor that depends on them. A sample for each processor is in memory at a time.</summary>
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
        string[] tensors = [.. Tensors(graph, outputs)];
        var executables = new Dictionary<string, IExecutable>(StringComparer.Ordinal);
        var ranges = new ConcurrentBag<RangeFile>();
        var counted = new ProgressMeter(progress, "calibrating").Count(samples).Select(feeds => (Executable: Compiled(feeds), Feeds: feeds));
        var runs = SampleRuns.InOrder(counted, sample => Add(sample.Executable, sample.Feeds), cancellation, PrintsLines(graph) ? 1 : 0);
        return runs.Sum() == 0 ? new() : Merged(ranges);

        int Add(IExecutable executable, IReadOnlyDictionary<string, Tensor> feeds)
        {
            RangeFile some = ranges.TryTake(out var idle) ? idle : new();
            Receive(executable, feeds, tensors, some, cancellation);
            ranges.Add(some);
            return 1;
        }

        IExecutable Compiled(IReadOnlyDictionary<string, Tensor> feeds)
        {
            string key = string.Join(',', feeds.Keys);
            if (executables.TryGetValue(key, out var executable))
                return executable;
            FeedArguments.CheckComplete(graph, outputs, feeds);
            return executables[key] = backend.Compile(graph, tensors, new CompileOptions { Feeds = [.. feeds.Keys], Print = print, Threads = 1, HandsOutputsOver = true });
        }
    }

    /// <summary>One file of what several threads have seen; which has seen what cannot be told from it.</summary>
    private static RangeFile Merged(IReadOnlyCollection<RangeFile> parts)
    {
        RangeFile whole = parts.First();
        foreach (RangeFile other in parts.Skip(1))
            whole.Merge(other);
        return whole;
    }

    /// <summary>Takes in the tensors of one sample while they are in the cache.</summary>
    private static void Receive(IExecutable executable, IReadOnlyDictionary<string, Tensor> feeds, string[] tensors, RangeFile ranges, CancellationToken cancellation)
    {
        executable.Run(feeds, Take, cancellation);
        ranges.Samples++;

        void Take(int output, Tensor value)
        {
            if (value.Type != DataType.Float)
                return;
            if (!ranges.Tensors.TryGetValue(tensors[output], out var statistics))
                ranges.Tensors.Add(tensors[output], statistics = new());
            statistics.Add(value);
        }
    }

    /// <summary>True for graphs whose samples must come one after the other, since they print.</summary>
    private static bool PrintsLines(Graph graph) => graph.Nodes.Any(node => node.Op is "Print" or "PrintV2");

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
