using System.Diagnostics;
using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>
/// An engine in a process of its own: milliseconds from its file to the first result, on the wall and of processors, how much longer the run after that takes than later ones, and the process's peak memory.
/// </summary>
internal readonly record struct Start(double Milliseconds, double ProcessorMilliseconds, double SecondRun, double Mebibytes);

/// <summary>Measures the start of engines.</summary>
internal static class EngineProcess
{
    /// <summary>First argument of such a process.</summary>
    public const string Command = "engine";

    private const int SteadyRuns = 200;
    private const string PeakField = "VmHWM:";

    /// <summary>Starts a process and gives its figures; that of the second run is not a number without later runs to compare it with.</summary>
    public static Start Measure(string engine, string file, Network network, int laterRuns = SteadyRuns)
    {
        string[] arguments = [Command, engine, file, network.Input, string.Join(',', network.InputShape.Dimensions), network.Output, laterRuns.ToString(CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo(Environment.ProcessPath!, [.. Host(), .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        string[] figures = process.StandardOutput.ReadToEnd().Split(' ');
        process.WaitForExit();
        return new(Parse(figures[0]), Parse(figures[1]), Parse(figures[2]), Parse(figures[3]));
    }

    /// <summary>Runs as such a process.</summary>
    public static int Run(string[] arguments)
    {
        TensorShape shape = TensorShape.Of(arguments[3].Split(',').Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray());
        var network = new Network("", Graph.Empty, arguments[2], shape, arguments[4]);
        Tensor value = network.Noise();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        using Engine engine = arguments[0] == "ours"
            ? Engine.Ours(arguments[1], network.Input, value, network.Output, new() { Threads = 1 })
            : Engine.Onnx(arguments[1], value, threads: 1);
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        double processorMilliseconds = (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds;
        double mebibytes = PeakMebibytes();
        double second = SecondRun(engine, arguments.Length > 5 ? int.Parse(arguments[5], CultureInfo.InvariantCulture) : SteadyRuns);
        Console.Out.Write(string.Create(CultureInfo.InvariantCulture, $"{milliseconds} {processorMilliseconds} {second} {mebibytes}"));
        return 0;
    }

    private static double SecondRun(Engine engine, int laterRuns)
    {
        if (laterRuns == 0)
            return double.NaN;
        double second = Time(engine);
        double[] later = [.. Enumerable.Range(0, laterRuns).Select(_ => Time(engine)).Order()];
        return second / later[later.Length / 2];
    }

    private static double Time(Engine engine)
    {
        long start = Stopwatch.GetTimestamp();
        engine.Run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Parse(string figure) => double.Parse(figure, CultureInfo.InvariantCulture);

    /// <summary>The program's own file where it runs by <c>dotnet FILE</c>.</summary>
    private static string[] Host() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

    private static double PeakMebibytes()
    {
        string? line = File.Exists("/proc/self/status") ? File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(PeakField, StringComparison.Ordinal)) : null;
        return line is null ? double.NaN : double.Parse(line.AsSpan(PeakField.Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture) / 1024;
    }
}
