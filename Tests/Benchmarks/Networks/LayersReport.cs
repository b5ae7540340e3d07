using System.Diagnostics;
using System.Globalization;
using TransformFramework.Execution;
using TransformFramework.Workflows.Benchmarking;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>
/// Where the time of our runs goes, layer by layer: the shortest time of each step over many runs of one thread, its multiplications and additions a second, and what share of the processor's peak that is.
/// </summary>
internal static class LayersReport
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    public static int Run(NetworksOptions options)
    {
        Console.Out.WriteLine($"{Machine.This("wall")}; shortest times of one thread, share of the time, billions of operations a second, share of the peak");
        string folder = options.Folder is null ? Directory.CreateTempSubdirectory("layers").FullName : Directory.CreateDirectory(options.Folder).FullName;
        try
        {
            foreach (string name in options.Names)
            {
                Network network = Network.All[name]();
                foreach (NetworkVariant variant in NetworkVariant.Of(network, folder, options.Kinds))
                    Print(network, variant);
            }
        }
        finally
        {
            if (options.Folder is null)
                Directory.Delete(folder, recursive: true);
        }
        return 0;
    }

    private static void Print(Network network, NetworkVariant variant)
    {
        List<Layer> layers = Measure(network, variant);
        double peak = MultiplyAddPeak.Of(variant.Kind, Engine.InstructionSet);
        double total = layers.Sum(layer => layer.Milliseconds);
        double operations = layers.Sum(layer => (double)layer.Operations);
        Console.Out.WriteLine(Invariant($"\n{network.Name} {variant.Kind}: {total:0.000} ms, {operations / total / 1e6:0} GOP/s, {operations / total / 1e4 / peak:0} % of {peak:0}"));
        foreach (Layer layer in layers)
        {
            string speed = layer.Operations == 0 ? "" : Invariant($"{layer.Operations / layer.Milliseconds / 1e6:0}");
            string share = layer.Operations == 0 ? "" : Invariant($"{layer.Operations / layer.Milliseconds / 1e4 / peak:0}");
            Console.Out.WriteLine(Invariant($"{layer.Milliseconds,9:0.0000} {100 * layer.Milliseconds / total,5:0.0} % {speed,5} {share,4} %  {layer.Shape,-34} {layer.Op,-32} {layer.Name}"));
        }
    }

    private static List<Layer> Measure(Network network, NetworkVariant variant)
    {
        var layers = new List<Layer>();
        int step = 0;
        void Take(StepTiming timing)
        {
            if (step == layers.Count)
                layers.Add(Layer.Of(timing));
            else if (timing.Duration.TotalMilliseconds < layers[step].Milliseconds)
                layers[step] = layers[step] with { Milliseconds = timing.Duration.TotalMilliseconds };
            step++;
        }
        using Engine engine = Engine.Ours(variant.File, network.Input, network.Noise(), network.Output, variant.Options(threads: 1) with { Profile = Take });
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Duration;)
        {
            step = 0;
            engine.Run();
        }
        return layers;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A step of a run.</summary>
    private sealed record Layer(string Name, string Op, string Shape, double Milliseconds, long Operations)
    {
        public static Layer Of(StepTiming timing)
        {
            string shape = timing.OutputShapes.IsEmpty ? "" : $"{string.Join(" ", timing.InputShapes.Take(2))} {timing.OutputShapes[0]}";
            long operations = timing.OutputShapes.IsEmpty ? 0 : FlopCount.Of(timing.Node, [.. timing.InputShapes], timing.OutputShapes[0]);
            return new(timing.Node.Name, timing.Node.Op, shape, timing.Duration.TotalMilliseconds, operations);
        }
    }
}
