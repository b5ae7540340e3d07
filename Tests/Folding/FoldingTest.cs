using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Folding.Tests;

/// <summary>Runs a transform on a graph in text form; can also run the graph before and after on the same input.</summary>
internal sealed class FoldingTest(ITransform transform, object? options = null)
{
    /// <summary>Part of the largest output by which folding may change it: a few roundings.</summary>
    private const double Tolerance = 1e-5;

    public ImmutableArray<string> Inputs { get; init; } = ["x"];

    public ImmutableArray<string> Outputs { get; init; } = ["y"];

    public TransformMode Mode { get; init; }

    /// <summary>Files that arguments name.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>What the last run explained, a line each.</summary>
    public List<string> Explanations { get; } = [];

    /// <summary>What the last run reported.</summary>
    public IReadOnlyList<Diagnostics.Diagnostic> Diagnostics { get; private set; } = [];

    public Graph Run(Graph graph)
    {
        var context = new Context(Explanations, Files) { InputNames = Inputs, OutputNames = Outputs, Mode = Mode };
        Graph result = transform.Apply(graph, options ?? new NoOptions(), context);
        Diagnostics = context.Diagnostics;
        return result;
    }

    public void Check(string before, string after) => Assert.Equal(GraphText.Print(GraphText.Parse(after)), GraphText.Print(Run(GraphText.Parse(before))));

    public TransformException Fails(string graph) => Assert.Throws<TransformException>(() => Run(GraphText.Parse(graph)));

    /// <summary>Transforms, and asserts that every node stays and that the reason is explained and reported at the node.</summary>
    public void CheckDeclined(string graph, string node, string reason)
    {
        Graph before = GraphText.Parse(graph);
        Assert.Equal(Lines(before), Lines(Run(before)));
        Assert.Contains(Explanations, line => line.StartsWith(node + ": ", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal));
        Assert.Contains(Diagnostics, diagnostic => diagnostic.Id == "TFX2030" && diagnostic.Node == node && diagnostic.Message.Contains(reason, StringComparison.Ordinal));
    }

    /// <summary>The nodes in text form, in the order of their lines.</summary>
    public static string[] Lines(Graph graph) => [.. GraphText.Print(graph).Split('\n').Order(StringComparer.Ordinal)];

    /// <summary>Transforms, and asserts that the outputs are the same on random inputs of the placeholders' shapes.</summary>
    public Graph CheckSameOutputs(string text)
    {
        Graph before = GraphText.Parse(text);
        Graph after = Run(before);
        var feeds = before.Nodes.Where(node => node.Op == "Placeholder").ToDictionary(node => node.Name, Feed, StringComparer.Ordinal);
        var expected = Compute(before, feeds);
        var actual = Compute(after, feeds);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Shape, actual[i].Shape);
            float[] x = expected[i].AsSpan<float>().ToArray();
            float[] y = actual[i].AsSpan<float>().ToArray();
            float largest = x.Max(MathF.Abs);
            Assert.All(x.Zip(y), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= Tolerance * largest, $"{pair.Second} for {pair.First}"));
        }
        return after;
    }

    /// <summary>A float constant in the text form, with reproducible elements between -1 and 1, or near 1 when positive.</summary>
    public static string Floats(string shape, int seed, bool positive = false)
    {
        var random = new Random(seed);
        int count = shape.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(dimension => int.Parse(dimension, CultureInfo.InvariantCulture)).Aggregate(1, (product, dimension) => product * dimension);
        var values = Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1)).Select(value => positive ? 1.5f + value : value);
        return $"Const() {{dtype=float, value=float[{shape}]{{{string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}}}}}";
    }

    private ImmutableArray<Tensor> Compute(Graph graph, Dictionary<string, Tensor> feeds) =>
        new CpuBackend().Compile(graph, Outputs, CompileOptions.Default).Run(feeds);

    private static Tensor Feed(Node placeholder)
    {
        var random = new Random(7);
        TensorShape shape = ((ShapeValue)placeholder.Attributes["shape"]).Value;
        return Tensor.Create<float>(DataType.Float, shape, [.. Enumerable.Range(0, (int)shape.ElementCount).Select(_ => (float)((random.NextDouble() * 2) - 1))]);
    }

    private sealed class Context(List<string> explanations, IReadOnlyDictionary<string, byte[]> files) : TransformContext
    {
        private readonly CpuBackend backend = new();

        public override IBackend Backend => backend;

        public override bool IsExplaining => true;

        public override Stream OpenFile(string path) => files.TryGetValue(path, out byte[]? content) ? new MemoryStream(content) : base.OpenFile(path);

        public override void Explain(string node, string reason) => explanations.Add($"{node}: {reason}");
    }
}
