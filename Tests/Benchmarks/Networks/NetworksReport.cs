using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>
/// Compares this project's engine with ONNX Runtime on the same networks in one process. Rounds alternate between the engines, each runs a few times in a row, after a pause in
/// which the other's threads fall asleep. Load time and peak memory come from processes of their own.
/// </summary>
internal static class NetworksReport
{
    private const int RunsPerRound = 4;
    private const int WarmUpRuns = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly int[] ThreadCounts = [1, 2];
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static int Run(NetworksOptions options)
    {
        var rows = new List<NetworkRow>();
        string folder = Directory.CreateTempSubdirectory("networks").FullName;
        try
        {
            if (!options.AsJson)
                Console.Out.WriteLine($"{"network",-14}{"kind",-7}{"threads",8}{"ours ms",10}{"min",8}{"ORT ms",10}{"min",8}{"ORT : ours",12}{"difference",12}{"load ms",9}{"ORT",7}{"MiB",7}{"ORT",7}");
            foreach (string name in options.Names)
            {
                foreach (NetworkRow row in Measure(Network.All[name](), folder, options.Rounds))
                {
                    rows.Add(row);
                    if (!options.AsJson)
                        Console.Out.WriteLine(row.Text());
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        if (options.AsJson)
            Console.Out.WriteLine(JsonSerializer.Serialize(new { schema_version = 1, rows }, Json));
        return 0;
    }

    private static IEnumerable<NetworkRow> Measure(Network network, string folder, int rounds)
    {
        string ours = Path.Combine(folder, $"{network.Name}.pb");
        string onnx = Path.Combine(folder, $"{network.Name}.onnx");
        using (FileStream file = File.Create(ours))
            Host.Models.GraphDefWriter.Write(network.Graph, file);
        Engine.Export(network.Graph, network.Input, network.Output, onnx);
        var ownProcess = EngineProcess.Measure("ours", ours, network);
        var onnxProcess = EngineProcess.Measure("onnx", onnx, network);
        foreach (int threads in ThreadCounts)
        {
            using Engine own = Engine.Ours(ours, network.Input, network.Noise(), network.Output, threads);
            using Engine opponent = Engine.Onnx(onnx, network.Input, network.Noise(), threads);
            var (ownTimes, opponentTimes) = Alternate(own, opponent, rounds);
            yield return new(network.Name, "float", threads, Statistics.Of(ownTimes), Statistics.Of(opponentTimes), Difference(own.Result, opponent.Result),
                ownProcess.Milliseconds, onnxProcess.Milliseconds, ownProcess.Mebibytes, onnxProcess.Mebibytes);
        }
    }

    private static (List<double> Own, List<double> Opponent) Alternate(Engine own, Engine opponent, int rounds)
    {
        var ownTimes = new List<double>();
        var opponentTimes = new List<double>();
        for (int i = 0; i < WarmUpRuns; i++)
        {
            own.Run();
            opponent.Run();
        }
        for (int round = 0; round < rounds; round++)
        {
            Time(own, ownTimes);
            Time(opponent, opponentTimes);
        }
        return (ownTimes, opponentTimes);
    }

    private static void Time(Engine engine, List<double> times)
    {
        Thread.Sleep(Pause);
        engine.Run();
        for (int i = 0; i < RunsPerRound; i++)
        {
            long start = Stopwatch.GetTimestamp();
            engine.Run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }

    private static double Difference(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double worst = 0;
        for (int i = 0; i < left.Length; i++)
            worst = Math.Max(worst, Math.Abs(left[i] - right[i]));
        return worst;
    }
}

/// <summary>Median and minimum of run times in milliseconds.</summary>
internal readonly record struct Statistics(double Median, double Minimum)
{
    public static Statistics Of(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        return new(sorted[sorted.Length / 2], sorted[0]);
    }
}

/// <summary>One line of the table. Ratios above 1 mean that this project is faster; the difference is the largest of the outputs.</summary>
internal sealed record NetworkRow(string Network, string Kind, int Threads, Statistics Ours, Statistics Onnx, double Difference, double LoadOurs, double LoadOnnx, double MebibytesOurs, double MebibytesOnnx)
{
    public double MedianRatio => Onnx.Median / Ours.Median;

    public double MinimumRatio => Onnx.Minimum / Ours.Minimum;

    public string Text() => string.Create(CultureInfo.InvariantCulture,
        $"{Network,-14}{Kind,-7}{Threads,8}{Ours.Median,10:0.00}{Ours.Minimum,8:0.00}{Onnx.Median,10:0.00}{Onnx.Minimum,8:0.00}{MedianRatio,6:0.00}{MinimumRatio,6:0.00}{Difference,12:0.0e+00}{LoadOurs,9:0}{LoadOnnx,7:0}{MebibytesOurs,7:0}{MebibytesOnnx,7:0}");
}
