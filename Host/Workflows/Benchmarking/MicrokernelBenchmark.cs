using System.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Benchmarking;

/// <summary>Times the inner loops of a backend one by one, in batches of calls.</summary>
public sealed record MicrokernelBenchmark
{
    /// <summary>Timed batches of each kernel; one more warms up.</summary>
    public int Batches { get; init; } = 15;

    /// <summary>Time that a batch takes about: as many calls as fit.</summary>
    public TimeSpan BatchTime { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Measures every kernel; those that this machine lacks are listed without times.</summary>
    public IReadOnlyList<MicrokernelMeasurement> Run(IBackend backend, CancellationToken cancellation, IProgress<WorkProgress>? progress = null)
    {
        MicrokernelInfo[] kernels = [.. backend.Microkernels];
        var meter = new ProgressMeter(progress, "timing microkernels", kernels.Length);
        return [.. meter.Count(kernels).Select(kernel => Measure(kernel, cancellation))];
    }

    private MicrokernelMeasurement Measure(MicrokernelInfo kernel, CancellationToken cancellation)
    {
        if (kernel.Prepare is null)
            return new(kernel.Name, null, null);
        MicrokernelTrial trial = kernel.Prepare();
        int calls = 1;
        while (Math.Min(Time(trial.Run, calls), Time(trial.Run, calls)) < BatchTime.TotalMilliseconds && calls < int.MaxValue / 2)
            calls *= 2;
        double[] times = new double[Batches];
        for (int i = 0; i < times.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            times[i] = Time(trial.Run, calls) / calls;
        }
        return new(kernel.Name, trial, new(times));
    }

    private static double Time(Action run, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
            run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}

/// <summary>What was measured of one microkernel.</summary>
/// <param name="Name">The kernel's name.</param>
/// <param name="Trial">What was timed; null where this machine lacks the kernel's instructions.</param>
/// <param name="Times">Milliseconds of a call, by batch; null likewise.</param>
public sealed record MicrokernelMeasurement(string Name, MicrokernelTrial? Trial, RunTimes? Times)
{
    /// <summary>Nanoseconds of a call in the fastest batch.</summary>
    public double? Nanoseconds => Times?.Least * 1e6;

    /// <summary>Operations a second, in billions.</summary>
    public double? BillionOperations => Trial?.Operations / Nanoseconds;
}
