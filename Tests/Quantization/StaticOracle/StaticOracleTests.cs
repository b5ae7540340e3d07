using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Tests.StaticOracle;

/// <summary>Static 8-bit graphs as TensorFlow takes and computes them.</summary>
public sealed class StaticOracleTests
{
    /// <summary>Its ranges of one tensor were made otherwise than by calibration.</summary>
    private const string OtherConstants = "net_sum_also_read_by_conv";

    public static TheoryData<string> Graphs => [.. StaticCase.All.Select(test => test.Name)];

    public static TheoryData<string> Nets => [.. StaticCase.All.Where(test => test.Script.Length > 0).Select(test => test.Name)];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Our_kernels_compute_what_TensorFlow_computes(string name)
    {
        StaticCase test = Find(name);
        var expected = test.Expected.ToList();
        var feeds = test.Feeds.ToDictionary(feed => feed.Key, feed => feed.Value, StringComparer.Ordinal);
        var actual = new CpuBackend().Compile(test.Golden, [.. expected.Select(entry => entry.Tensor)], CompileOptions.Default).Run(feeds);
        foreach (var ((tensor, value), computed) in expected.Zip(actual))
            AssertEqual(tensor, value, computed);
    }

    /// <summary>Only the results are fetched, so that what is between may be fused.</summary>
    [Theory]
    [MemberData(nameof(Graphs))]
    public void Our_fused_kernels_compute_what_TensorFlow_computes(string name)
    {
        StaticCase test = Find(name);
        Graph graph = test.Golden;
        var results = test.Expected.Where(entry => new NodeInput(entry.Tensor) is var tensor && tensor.Port == 0 && graph.ConsumersOf(tensor.Node).Length == 0).ToList();
        var feeds = test.Feeds.ToDictionary(feed => feed.Key, feed => feed.Value, StringComparer.Ordinal);
        var actual = new CpuBackend().Compile(graph, [.. results.Select(entry => entry.Tensor)], CompileOptions.Default).Run(feeds);
        Assert.NotEmpty(results);
        foreach (var ((tensor, value), computed) in results.Zip(actual))
            AssertEqual(tensor, value, computed);
    }

    [Theory]
    [MemberData(nameof(Nets))]
    public void Quantize_writes_what_TensorFlow_takes(string name)
    {
        StaticCase test = Find(name);
        var options = new Quantize.Options { Ranges = "ranges", PerChannel = !test.Script.Contains("per_channel=false", StringComparison.Ordinal) };
        Graph written = new QuantizationTest(new Quantize(), options) { File = test.Ranges, Outputs = test.Outputs }.Run(test.Float);
        var form = new GraphForm(written, test.Golden, name != OtherConstants);
        Assert.All(test.Outputs, output => Assert.Null(form.Difference(output, output)));
    }

    private static StaticCase Find(string name) => StaticCase.All.Single(test => test.Name == name);

    private static void AssertEqual(string name, Tensor expected, Tensor actual)
    {
        Assert.True(expected.Shape.Dimensions.SequenceEqual(actual.Shape.Dimensions), $"{name}: {actual.Shape} instead of {expected.Shape}");
        float[] computed = actual.ToSingles();
        float[] wanted = expected.ToSingles();
        bool isFloat = actual.Type == DataType.Float;
        for (int i = 0; i < wanted.Length; i++)
        {
            bool isEqual = isFloat ? Math.Abs((double)computed[i] - wanted[i]) <= Math.Max(Math.Abs(wanted[i]) * 3e-7, 1e-30) : computed[i] == wanted[i];
            Assert.True(isEqual, $"{name}: element {i} is {computed[i]:R} instead of {wanted[i]:R}");
        }
    }
}
