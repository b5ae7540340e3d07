using System.Diagnostics;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>
/// Compares this project's engine with ONNX Runtime on the same networks, float and 8-bit, in one process. Rounds alternate between the engines, each runs a few times in a row, after a pause in
/// which the other's threads fall asleep. Load time and peak memory come from processes of their own.
/// </summary>
internal static class NetworksReport
{
    private const int RunsPerRound = 4;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    public static int Run(NetworksOptions options)
    {
        var rows = new List<NetworkRow>();
        var machine = Machine.This(options.UsesCpuTime ? "processor" : "wall");
        string folder = options.Folder is null ? Directory.CreateTempSubdirectory("networks").FullName : Directory.CreateDirectory(options.Folder).FullName;
        try
        {
            if (options.Format != "json")
                Console.Out.WriteLine(ReportFormat.Head(options.Format, machine));
            foreach (string name in options.Names)
            {
                foreach (NetworkRow row in Measure(Network.All[name](), folder, options))
                {
                    rows.Add(row);
                    if (options.Format != "json")
                        Console.Out.WriteLine(ReportFormat.Row(options.Format, row));
                }
            }
        }
        finally
        {
            if (options.Folder is null)
                Directory.Delete(folder, recursive: true);
        }
        if (options.Format == "json")
            Console.Out.WriteLine(ReportFormat.AsJson(machine, rows));
        return 0;
    }

    private static IEnumerable<NetworkRow> Measure(Network network, string folder, NetworksOptions options)
    {
        NetworkVariant baseline = NetworkVariant.Float(network, folder);
        foreach (NetworkVariant variant in NetworkVariant.Of(network, folder, options.Kinds))
        {
            if (variant.OnnxFile is not null)
                Console.Error.WriteLine(Opponent(variant, folder));
            Start? ownProcess = options.UsesCpuTime ? null : EngineProcess.Measure("ours", variant.File, network);
            Start? onnxProcess = options.UsesCpuTime || variant.OnnxFile is null ? null : EngineProcess.Measure("onnx", variant.OnnxFile, network);
            foreach (int threads in options.UsesCpuTime ? (int[])[1] : [1, 2])
                yield return Measure(network, baseline, variant, threads, options) with { StartOurs = ownProcess, StartOnnx = onnxProcess };
        }
    }

    private static NetworkRow Measure(Network network, NetworkVariant baselineVariant, NetworkVariant variant, int threads, NetworksOptions options)
    {
        using Engine own = Engine.Ours(variant.File, network.Input, network.Noise(), network.Output, variant.Options(threads));
        using Engine baseline = Engine.Ours(baselineVariant.File, network.Input, network.Noise(), network.Output, baselineVariant.Options(threads));
        using Engine? opponent = variant.OnnxFile is null ? null : Engine.Onnx(variant.OnnxFile, network.Noise(), threads);
        List<double>[] times = Alternate([own, baseline, .. opponent is null ? Array.Empty<Engine>() : [opponent]], options);
        return new(network.Name, variant.Kind, threads, Statistics.Of(times[0]), Statistics.Of(times[1]), opponent is null ? null : Statistics.Of(times[2]),
            opponent is null || !variant.HasSameWeights ? null : Difference(own.Result, opponent.Result), Engine.Operations(network), variant.UnsafePairs, null, null);
    }

    private static string Opponent(NetworkVariant variant, string folder)
    {
        SortedDictionary<string, int> histogram = OptimizedGraph.Histogram(variant.OnnxFile!, folder);
        string fault = OptimizedGraph.Fault(histogram) is { Length: > 0 } found ? $"  UNFAIR, {found}" : "";
        return $"opponent {Path.GetFileName(variant.OnnxFile)}: {OptimizedGraph.Text(histogram)}{fault}";
    }

    private static List<double>[] Alternate(Engine[] engines, NetworksOptions options)
    {
        List<double>[] times = [.. engines.Select(_ => new List<double>())];
        foreach (Engine engine in engines)
        {
            for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
                engine.Run();
        }
        for (int round = 0; round < options.Rounds; round++)
        {
            for (int i = 0; i < engines.Length; i++)
                Time(engines[i], times[i], options.UsesCpuTime);
        }
        return times;
    }

    private static void Time(Engine engine, List<double> times, bool usesCpuTime)
    {
        Thread.Sleep(Pause);
        engine.Run();
        for (int i = 0; i < RunsPerRound; i++)
        {
            TimeSpan start = Now(usesCpuTime);
            engine.Run();
            times.Add((Now(usesCpuTime) - start).TotalMilliseconds);
        }
    }

    /// <summary>The time of the process's threads on processors, which others that share the machine change less, or the time on the wall.</summary>
    private static TimeSpan Now(bool usesCpuTime) => usesCpuTime ? Environment.CpuUsage.TotalTime : Stopwatch.GetElapsedTime(0);

    private static double Difference(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double worst = 0;
        for (int i = 0; i < left.Length; i++)
            worst = Math.Max(worst, Math.Abs(left[i] - right[i]));
        return worst;
    }
}
