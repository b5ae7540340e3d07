using System.Text;
using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Quantization.Tests;

/// <summary>Quantizes a graph in text form by ranges that running it on random inputs shows.</summary>
internal sealed class CalibratedTest
{
    private const int Samples = 8;

    /// <summary>Size of inputs along dimensions that the graph leaves open.</summary>
    private const long UnknownSize = 7;

    private readonly List<Dictionary<string, Tensor>> feeds;

    public CalibratedTest(string graph, Quantize.Options? options = null, float smallest = -1, List<Dictionary<string, Tensor>>? feeds = null)
    {
        Before = GraphText.Parse(graph);
        this.feeds = feeds ?? [.. Enumerable.Range(1, Samples).Select(seed => Feeds(Before, seed, smallest))];
        Test = new QuantizationTest(new Quantize(), (options ?? new()) with { Ranges = "ranges" }) { File = Calibrated(Before, this.feeds), Files = options is { Samples: { Length: > 0 } file } ? new() { [file] = Archive(this.feeds) } : [] };
        After = Test.Run(Before);
    }

    public QuantizationTest Test { get; }

    public Graph Before { get; }

    public Graph After { get; }

    /// <summary>The ops of the result, in order, without constants and conversions.</summary>
    public string[] Ops => [.. After.Nodes.Where(node => node.Op is not ("Const" or "Neg" or "Placeholder" or "QuantizeV2" or "Dequantize")).Select(node => node.Op)];

    /// <summary>Signal to noise of the output y, in dB.</summary>
    public double Sqnr()
    {
        double signal = 0, noise = 0;
        foreach (var feed in feeds)
        {
            (string, Tensor)[] given = [.. feed.Select(entry => (entry.Key, entry.Value))];
            float[] expected = QuantizationTest.Compute(Before, "y", given).ToSingles();
            float[] actual = QuantizationTest.Compute(After, "y", given).ToSingles();
            Assert.Equal(expected.Length, actual.Length);
            signal += expected.Sum(value => (double)value * value);
            noise += expected.Zip(actual, (a, b) => ((double)a - b) * ((double)a - b)).Sum();
        }
        return 10 * Math.Log10(signal / noise);
    }

    /// <summary>Samples as a file of arrays.</summary>
    public static byte[] Archive(List<Dictionary<string, Tensor>> feeds)
    {
        using var stream = new MemoryStream();
        NpzFile.Write(stream, feeds[0].Keys.Select(name => new KeyValuePair<string, Tensor>(name, Stack([.. feeds.Select(feed => feed[name])]))));
        return stream.ToArray();

        static Tensor Stack(Tensor[] rows) => Tensor.Create<float>(DataType.Float, TensorShape.Of([rows.Length, .. rows[0].Shape.Dimensions.Skip(1)]), [.. rows.SelectMany(row => row.ToSingles())]);
    }

    /// <summary>The ranges of every float tensor, as a file's text.</summary>
    public static string Calibrated(Graph graph, IEnumerable<Dictionary<string, Tensor>> feeds, float headroom = 1)
    {
        var ranges = new RangeFile { Choice = new(RangeMethod.MinMax) { Headroom = headroom } };
        string[] names = [.. graph.Nodes.Where(node => node.Op != "Const").Select(node => node.Name)];
        IExecutable executable = new CpuBackend().Compile(graph, names, CompileOptions.Default);
        foreach (var feed in feeds)
        {
            var values = executable.Run(feed);
            for (int i = 0; i < names.Length; i++)
            {
                if (values[i].Type != DataType.Float)
                    continue;
                ranges.Tensors.TryAdd(names[i], new());
                ranges.Tensors[names[i]].Add(values[i]);
            }
            ranges.Samples++;
        }
        using var stream = new MemoryStream();
        ranges.Write(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Random inputs between a smallest number and 1.</summary>
    public static Dictionary<string, Tensor> Feeds(Graph graph, int seed, float smallest = -1)
    {
        var random = new Random(seed);
        return graph.Nodes.Where(node => node.Op == "Placeholder").ToDictionary(node => node.Name, node => Random(((ShapeValue)node.Attributes["shape"]).Value), StringComparer.Ordinal);

        Tensor Random(TensorShape declared)
        {
            TensorShape shape = TensorShape.Of([.. declared.Dimensions.Select((dimension, i) => dimension >= 0 ? dimension : i == 0 ? 1 : UnknownSize)]);
            Tensor tensor = Tensor.Allocate<float>(DataType.Float, shape, out var elements);
            for (int i = 0; i < elements.Length; i++)
                elements[i] = smallest + ((1 - smallest) * random.NextSingle());
            return tensor;
        }
    }

    /// <summary>A float constant in the text form with reproducible elements.</summary>
    public static string Floats(string shape, int seed, float scale = 1)
    {
        var random = new Random(seed);
        int count = shape.Split(',').Select(dimension => int.Parse(dimension, System.Globalization.CultureInfo.InvariantCulture)).Aggregate(1, (product, dimension) => product * dimension);
        var values = Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1) * scale);
        return $"Const() {{dtype=float, value=float[{shape}]{{{string.Join(", ", values.Select(value => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}}}}}";
    }
}
