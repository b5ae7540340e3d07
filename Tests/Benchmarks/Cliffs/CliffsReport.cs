using System.Diagnostics;
using System.Globalization;
using TransformFramework.Benchmarks.Networks;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Benchmarks.Cliffs;

/// <summary>
/// Prints how much longer graphs take than the sum of their parts: a cliff is a graph that a small change makes far slower than the change itself costs. Shortest times of runs by turns, in time on
/// processors where one thread runs.
/// </summary>
internal sealed class CliffsReport
{
    private const int Rounds = 12;
    private const int Mixes = 200;
    private const double Limit = 1.2;

    private readonly Network network = Network.All["mobilenet_v1"]();
    private readonly Dictionary<string, Tensor> feeds;
    private readonly string folder;

    private CliffsReport(string folder)
    {
        this.folder = folder;
        feeds = new(StringComparer.Ordinal) { [network.Input] = network.Noise() };
    }

    /// <summary>Prints all cliffs.</summary>
    /// <returns>The number of cliffs.</returns>
    public static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("cliffs").FullName;
        try
        {
            Console.Out.WriteLine($"{Machine.This("processor")}: ratio of a graph's time to that of its parts; above {Limit} is a cliff");
            var report = new CliffsReport(folder);
            return report.WholeNetworks().Concat(report.Runs()).Concat(report.RandomMixes()).Count(Print);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Print((string Name, double Ratio) cliff)
    {
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cliff.Ratio,8:0.00}  {cliff.Name}{(cliff.Ratio > Limit ? "  CLIFF" : "")}"));
        return cliff.Ratio > Limit;
    }

    private IEnumerable<(string Name, double Ratio)> WholeNetworks()
    {
        var quantized = new QuantizedNetworks(network, folder);
        Action plain = Compiled(network.Graph);
        yield return ("one quantized layer in a float network", Ratio(Compiled(quantized.WithConstantRanges("include=conv_12")), plain));
        yield return ("an op of a plugin in the middle", Ratio(Compiled(Mixtures.WithNode(network.Graph, Mixtures.PluginOp)), plain));
        yield return ("an op that no plugin declares in the middle", Ratio(Compiled(Mixtures.WithNode(network.Graph, Mixtures.UndeclaredOp)), plain));
        yield return ("an op without fast kernel in the middle", Ratio(Compiled(Mixtures.WithNode(network.Graph, "Rint")), plain, Compiled(Mixtures.Alone("Rint"), Mixtures.Feed())));
        Action whole = Compiled(quantized.WithConstantRanges("saturation=allow"));
        yield return ("an input that keeps its bytes in an 8-bit network", Ratio(Compiled(quantized.WithConstantRanges("input=unrounded")), whole));
        Network second = Network.All["mobilenet_v2"]();
        var sums = new QuantizedNetworks(second, folder);
        yield return ("sums in full precision in an 8-bit network", Ratio(Compiled(sums.WithConstantRanges("residual=unrounded")), Compiled(sums.WithConstantRanges("saturation=allow"))));
    }

    private IEnumerable<(string Name, double Ratio)> Runs()
    {
        IExecutable executable = Networks.Engine.Compile(network.Graph, network.Output, threads: 1);
        Dictionary<string, Tensor>[] batches = [.. Enumerable.Range(1, 4).Select(Batch)];
        Action byTurns = () => Array.ForEach(batches, batch => executable.Run(batch));
        yield return ("batches of 1 to 4 by turns", Ratio(byTurns, [.. batches.Select(batch => (Action)(() => executable.Run(batch)))]));
        Dictionary<string, Tensor>[] shapes = [.. Enumerable.Range(8, 12).Select(size => Mixtures.Feed(size))];
        IExecutable small = Networks.Engine.Compile(Mixtures.Alone("Relu"), "y", threads: 1);
        yield return ("twelve shapes by turns", Ratio(() => Repeat(20, () => Array.ForEach(shapes, shape => small.Run(shape))), [.. shapes.Select(shape => (Action)(() => Repeat(20, () => small.Run(shape))))]));
        yield return ("four times as many threads as processors (wall time)", Wall(Compiled(network.Graph, 4 * Environment.ProcessorCount), Compiled(network.Graph, Environment.ProcessorCount)));
        yield return ("two executables at once (wall time)", Wall(Together(Compiled(network.Graph), Compiled(network.Graph)), Environment.ProcessorCount > 1 ? [Compiled(network.Graph)] : [Compiled(network.Graph), Compiled(network.Graph)]));
    }

    /// <summary>
    /// Chains of convolutions whose kinds are drawn. Where ranges are found in the run or quantization is faked, the whole chain is held to the bits of the original's kernels, so float parts then convolve directly too.
    /// </summary>
    private IEnumerable<(string Name, double Ratio)> RandomMixes()
    {
        Dictionary<string, Tensor> feed = Mixtures.Feed();
        Dictionary<string, double> parts = Mixtures.Kinds.ToDictionary(kind => kind, kind => Shortest(Compiled(Mixtures.Chain([kind]), feed)), StringComparer.Ordinal);
        var directParts = new Dictionary<string, double>(parts, StringComparer.Ordinal) { ["float"] = Shortest(Compiled(Mixtures.Chain(["float"]), feed, "y", 1, isDirect: true)) };
        var random = new Random(1);
        var ratios = new List<(string Name, double Ratio)>();
        for (int i = 0; i < Mixes; i++)
        {
            string[] kinds = [.. Enumerable.Range(0, random.Next(2, 7)).Select(_ => Mixtures.Kinds[random.Next(Mixtures.Kinds.Length)])];
            Dictionary<string, double> alone = kinds.Any(kind => kind is "classic" or "fake") ? directParts : parts;
            ratios.Add((string.Join(" ", kinds), Shortest(Compiled(Mixtures.Chain(kinds), feed)) / kinds.Sum(kind => alone[kind])));
        }
        var worst = ratios.MaxBy(mix => mix.Ratio);
        int cliffs = ratios.Count(mix => mix.Ratio > Limit);
        return [($"worst of {Mixes} random chains ({cliffs} above {Limit}): {worst.Name}", worst.Ratio)];
    }

    private Action Compiled(Graph graph, int threads = 1) => Compiled(graph, feeds, network.Output, threads);

    private static Action Compiled(Graph graph, Dictionary<string, Tensor> feeds) => Compiled(graph, feeds, "y", 1);

    private static Action Compiled(Graph graph, Dictionary<string, Tensor> feeds, string output, int threads, bool isDirect = false)
    {
        IExecutable executable = Networks.Engine.Compile(graph, output, threads, isDirect);
        return () => executable.Run(feeds);
    }

    private static Action Together(Action first, Action second) => () =>
    {
        var other = new Thread(() => second());
        other.Start();
        first();
        other.Join();
    };

    private Dictionary<string, Tensor> Batch(int size)
    {
        TensorShape one = network.InputShape;
        return new(StringComparer.Ordinal) { [network.Input] = Mixtures.Noise(TensorShape.Of(size, one[1], one[2], one[3])) };
    }

    private static void Repeat(int times, Action action)
    {
        for (int i = 0; i < times; i++)
            action();
    }

    private static double Ratio(Action whole, params Action[] parts) => Ratio(() => Environment.CpuUsage.TotalTime, whole, parts);

    private static double Wall(Action whole, params Action[] parts) => Ratio(() => Stopwatch.GetElapsedTime(0), whole, parts);

    private static double Ratio(Func<TimeSpan> clock, Action whole, Action[] parts)
    {
        Action[] all = [whole, .. parts];
        double[] shortest = new double[all.Length];
        Array.Fill(shortest, double.PositiveInfinity);
        for (int round = -1; round < Rounds; round++)
        {
            for (int i = 0; i < all.Length; i++)
            {
                TimeSpan start = clock();
                all[i]();
                if (round >= 0)
                    shortest[i] = Math.Min(shortest[i], (clock() - start).TotalMilliseconds);
            }
        }
        return shortest[0] / shortest[1..].Sum();
    }

    private static double Shortest(Action action)
    {
        double shortest = double.PositiveInfinity;
        for (int round = 0; round < Rounds; round++)
        {
            TimeSpan start = Environment.CpuUsage.TotalTime;
            action();
            shortest = Math.Min(shortest, (Environment.CpuUsage.TotalTime - start).TotalMilliseconds);
        }
        return shortest;
    }
}
