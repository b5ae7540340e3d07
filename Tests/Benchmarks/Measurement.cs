using System.Diagnostics;
using System.Globalization;

namespace TransformFramework.Benchmarks;

/// <summary>Wall time and peak resident memory of a run.</summary>
internal readonly record struct Measurement(TimeSpan Time, long PeakBytes)
{
    private const int Runs = 5;

    /// <summary>The fastest of several runs of a program, after one that warms the disk cache; the smallest peak.</summary>
    /// <exception cref="InvalidOperationException">The program failed.</exception>
    public static Measurement OfProgram(string program, params ReadOnlySpan<string> arguments)
    {
        string[] copy = arguments.ToArray();
        return Best(() => Once(program, copy));
    }

    /// <summary>The fastest of several runs of an action.</summary>
    public static Measurement OfAction(Action action) => Best(() =>
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return new(Stopwatch.GetElapsedTime(start), 0);
    });

    private static Measurement Best(Func<Measurement> run)
    {
        run();
        Measurement best = run();
        for (int i = 1; i < Runs; i++)
        {
            Measurement next = run();
            best = new(next.Time < best.Time ? next.Time : best.Time, Math.Min(next.PeakBytes, best.PeakBytes));
        }
        return best;
    }

    private static Measurement Once(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        long peak = 0;
        do
            peak = Math.Max(peak, PeakOf(process.Id));
        while (!process.WaitForExit(1));
        TimeSpan time = Stopwatch.GetElapsedTime(began);
        Task.WaitAll(output, error);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {error.Result}");
        return new(time, peak);
    }

    /// <summary><c>VmHWM</c> of a process; 0 where there is no such figure or the process is gone.</summary>
    private static long PeakOf(int process)
    {
        try
        {
            foreach (string line in File.ReadLines($"/proc/{process}/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                    return long.Parse(line.AsSpan(6).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture) << 10;
            }
            return 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
