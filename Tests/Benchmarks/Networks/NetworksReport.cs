using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

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
    private static readonly int[] ThreadCounts = [1, 2];
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static int Run(NetworksOptions options)
    {
        var rows = new List<NetworkRow>();
        string folder = options.Folder is null ? Directory.CreateTempSubdirectory("networks").FullName : Directory.CreateDirectory(options.Folder).FullName;
        try
        {
            if (!options.AsJson)
                Console.Out.WriteLine($"{"network",-14}{"kind",-9}{"threads",7}{"ours ms",10}{"min",8}{"ORT ms",10}{"min",8}{"ORT : ours",12}{"float : ours",14}{"difference",12}{"load ms",9}{"ORT",7}{"second run",12}{"ORT",6}{"MiB",7}{"ORT",7}");
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
            if (options.Folder is null)
                Directory.Delete(folder, recursive: true);
        }
        if (options.AsJson)
            Console.Out.WriteLine(JsonSerializer.Serialize(new { schema_version = 1, rows }, Json));
        return 0;
    }

    private static IEnumerable<NetworkRow> Measure(Network network, string folder, int rounds)
    {
        var forms = new List<NetworkForm> { NetworkForm.Of(network, "float", network.Graph, folder), NetworkForm.Of(network, "int8", QuantizedNetworks.WithConstantRanges(network, folder), folder) };
        if (network.HasClassicForm)
            forms.Add(NetworkForm.Of(network, "classic", QuantizedNetworks.WithRangesOfTheRun(network), folder));
        foreach (NetworkForm form in forms)
        {
            var ownProcess = EngineProcess.Measure("ours", form.File, network);
            var onnxProcess = form.OnnxFile is null ? Start.Unknown : EngineProcess.Measure("onnx", form.OnnxFile, network);
            foreach (int threads in ThreadCounts)
            {
                using Engine own = Engine.Ours(form.File, network.Input, network.Noise(), network.Output, threads);
                using Engine baseline = Engine.Ours(forms[0].File, network.Input, network.Noise(), network.Output, threads);
                using Engine? opponent = form.OnnxFile is null ? null : Engine.Onnx(form.OnnxFile, network.Input, network.Noise(), threads);
                List<double>[] times = Alternate([own, baseline, .. opponent is null ? Array.Empty<Engine>() : [opponent]], rounds);
                yield return new(network.Name, form.Kind, threads, Statistics.Of(times[0]), Statistics.Of(times[1]), opponent is null ? null : Statistics.Of(times[2]),
                    opponent is null ? double.NaN : Difference(own.Result, opponent.Result), ownProcess, onnxProcess);
            }
        }
    }

    private static List<double>[] Alternate(Engine[] engines, int rounds)
    {
        List<double>[] times = [.. engines.Select(_ => new List<double>())];
        foreach (Engine engine in engines)
        {
            for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
                engine.Run();
        }
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < engines.Length; i++)
                Time(engines[i], times[i]);
        }
        return times;
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

/// <summary>A network in one form, as files.</summary>
internal sealed record NetworkForm(string Kind, string File, string? OnnxFile)
{
    /// <summary>Writes a form; graphs with ranges of the run have no ONNX form.</summary>
    public static NetworkForm Of(Network network, string kind, Graph graph, string folder)
    {
        string ours = Path.Combine(folder, $"{network.Name}_{kind}.pb");
        using (FileStream file = System.IO.File.Create(ours))
            GraphDefWriter.Write(graph, file);
        if (kind == "classic")
            return new(kind, ours, null);
        string onnx = Path.ChangeExtension(ours, ".onnx");
        Engine.Export(graph, network.Input, network.Output, onnx);
        return new(kind, ours, onnx);
    }
}

/// <summary>One line of the table. Ratios above 1 mean that this project's run of this form is faster; the difference is the largest of the outputs.</summary>
internal sealed record NetworkRow(
    string Network, string Kind, int Threads, Statistics Ours, Statistics Baseline, Statistics? Onnx, double Difference, Start StartOurs, Start StartOnnx)
{
    public double MedianRatio => (Onnx?.Median ?? double.NaN) / Ours.Median;

    public double MinimumRatio => (Onnx?.Minimum ?? double.NaN) / Ours.Minimum;

    /// <summary>Our time of the float form, measured in the same rounds, to that of this form.</summary>
    public double FloatRatio => Baseline.Median / Ours.Median;

    public double FloatMinimumRatio => Baseline.Minimum / Ours.Minimum;

    public string Text() => string.Create(CultureInfo.InvariantCulture,
        $"{Network,-14}{Kind,-9}{Threads,7}{Ours.Median,10:0.00}{Ours.Minimum,8:0.00}{Onnx?.Median ?? double.NaN,10:0.00}{Onnx?.Minimum ?? double.NaN,8:0.00}{MedianRatio,6:0.00}{MinimumRatio,6:0.00}{FloatRatio,8:0.00}{FloatMinimumRatio,6:0.00}{Difference,12:0.0e+00}{StartOurs.Milliseconds,9:0}{StartOnnx.Milliseconds,7:0}{StartOurs.SecondRun,12:0.0}{StartOnnx.SecondRun,6:0.0}{StartOurs.Mebibytes,7:0}{StartOnnx.Mebibytes,7:0}");
}
