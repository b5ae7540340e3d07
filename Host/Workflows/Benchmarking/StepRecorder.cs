using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Benchmarking;

/// <summary>The steps of several runs, summed by node.</summary>
public sealed class StepRecorder
{
    private readonly Dictionary<string, StepTotal> totals = new(StringComparer.Ordinal);
    private readonly List<RunTotal> runs = [];
    private RunTotal current = new(0, 0);

    /// <summary>Sums over the steps of each run that has ended.</summary>
    public IReadOnlyList<RunTotal> Totals => runs;

    /// <summary>Runs that have ended.</summary>
    public int Runs => runs.Count;

    /// <summary>The nodes in the order in which they first ran.</summary>
    public IReadOnlyCollection<StepTotal> Nodes => totals.Values;

    /// <summary>Milliseconds of all steps of a run, on average.</summary>
    public double Milliseconds => runs.Average(run => run.Milliseconds);

    /// <summary>Bytes that the steps of a run compute, on average.</summary>
    public double Bytes => runs.Average(run => run.Bytes);

    public void Add(StepTiming timing)
    {
        if (!totals.TryGetValue(timing.Node.Name, out var total))
            totals.Add(timing.Node.Name, total = new(timing.Node));
        total.Add(timing, isFirstRun: runs.Count == 0);
        current = new(current.Milliseconds + timing.Duration.TotalMilliseconds, current.Bytes + timing.OutputBytes);
    }

    public void EndRun()
    {
        runs.Add(current);
        current = new(0, 0);
    }
}

/// <summary>Time and computed bytes of the steps of one run.</summary>
public sealed record RunTotal(double Milliseconds, long Bytes);

/// <summary>What one node took in several runs.</summary>
public sealed class StepTotal(Node node)
{
    public Node Node { get; } = node;

    public int Calls { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Operations of products over all runs; null when the shapes are known before the run.</summary>
    public long? Flops { get; private set; }

    /// <summary>Sums over all runs, and over the first run.</summary>
    public (double Total, double First) Milliseconds { get; private set; }

    /// <summary>Milliseconds from the start of a run to the start of the step, summed over all calls.</summary>
    public double Starts { get; private set; }

    public void Add(StepTiming timing, bool isFirstRun)
    {
        Calls++;
        Bytes += timing.OutputBytes;
        if (!timing.OutputShapes.IsEmpty)
            Flops = (Flops ?? 0) + FlopCount.Of(Node, timing.InputShapes, timing.OutputShapes[0]);
        Starts += timing.Start.TotalMilliseconds;
        double taken = timing.Duration.TotalMilliseconds;
        Milliseconds = (Milliseconds.Total + taken, Milliseconds.First + (isFirstRun ? taken : 0));
    }
}
