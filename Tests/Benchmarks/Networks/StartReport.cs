using System.Globalization;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>
/// From a model's file to its first result, and the peak memory until then: ours and ONNX Runtime's by turns, each start a process of this program. Medians, and the medians of the ratios of neighbours.
/// </summary>
internal static class StartReport
{
    private static readonly string[] Kinds = ["float", "int8"];

    public static int Run(NetworksOptions options)
    {
        string folder = options.Folder is null ? Directory.CreateTempSubdirectory("start").FullName : Directory.CreateDirectory(options.Folder).FullName;
        try
        {
            Console.Out.WriteLine($"{"network",-14} {"kind",-6} {"wall ms",16} {"ratio",6} {"processor ms",16} {"ratio",6} {"peak MiB",14} {"ratio",6}   (ours : ONNX Runtime; below 1 ours is faster, smaller)");
            foreach (string name in options.Names)
            {
                Network network = Network.All[name]();
                foreach (NetworkVariant variant in NetworkVariant.Of(network, folder, options.Kinds.Count > 0 ? options.Kinds : Kinds).Where(variant => variant.OnnxFile is not null))
                    Console.Out.WriteLine(Row(network, variant, options.Rounds));
            }
            return 0;
        }
        finally
        {
            if (options.Folder is null)
                Directory.Delete(folder, recursive: true);
        }
    }

    private static string Row(Network network, NetworkVariant variant, int rounds)
    {
        var ours = new List<Start>();
        var theirs = new List<Start>();
        for (int round = 0; round <= rounds; round++)
        {
            ours.Add(EngineProcess.Measure("ours", variant.File, network, laterRuns: 0));
            theirs.Add(EngineProcess.Measure("onnx", variant.OnnxFile!, network, laterRuns: 0));
        }
        // The first brings the files into memory.
        ours.RemoveAt(0);
        theirs.RemoveAt(0);
        return string.Create(CultureInfo.InvariantCulture, $"{network.Name,-14} {variant.Kind,-6} {Pair(start => start.Milliseconds)} {Pair(start => start.ProcessorMilliseconds)} {Pair(start => start.Mebibytes, 14)}");

        string Pair(Func<Start, double> figure, int width = 16)
        {
            double ratio = Median(ours.Zip(theirs, (left, right) => figure(left) / figure(right)));
            string both = string.Create(CultureInfo.InvariantCulture, $"{Median(ours.Select(figure)):0.0} : {Median(theirs.Select(figure)):0.0}");
            return $"{both.PadLeft(width)} {ratio.ToString("0.00", CultureInfo.InvariantCulture),6}";
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
