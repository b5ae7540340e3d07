using System.Collections.Immutable;
using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

/// <summary>Runs a transform on a graph in text form and gives the result in text form.</summary>
internal sealed class TransformTest(ITransform transform, object? options = null)
{
    public ImmutableArray<string> Inputs { get; init; } = [];

    public ImmutableArray<string> Outputs { get; init; } = [];

    public TransformMode Mode { get; init; }

    /// <summary>Files that the transform may open.</summary>
    public Dictionary<string, byte[]> Files { get; init; } = [];

    /// <summary>The context of the last run, with its diagnostics and statistics.</summary>
    public TransformContext Context { get; private set; } = new();

    public string Run(string graph)
    {
        return GraphText.Print(Apply(GraphText.Parse(graph))).Trim();
    }

    public Graph Apply(Graph graph)
    {
        Context = new TestContext(Files) { InputNames = Inputs, OutputNames = Outputs, Mode = Mode };
        return transform.Apply(graph, options ?? new NoOptions(), Context);
    }

    /// <summary>Runs the graph before and after, and compares the outputs.</summary>
    /// <returns>The graph after the transform.</returns>
    public Graph CheckSameResults(string graph, float tolerance, params (string Name, Tensor Value)[] feeds)
    {
        Graph before = GraphText.Parse(graph);
        Graph after = Apply(before);
        var given = feeds.ToDictionary(feed => feed.Name, feed => feed.Value, StringComparer.Ordinal);
        foreach (var (wanted, got) in Run(before, given).Zip(Run(after, given)))
        {
            Assert.Equal(wanted.Type, got.Type);
            Assert.Equal(wanted.Shape, got.Shape);
            if (wanted.Type != DataType.Float)
                Assert.Equal(wanted.Bytes.ToArray(), got.Bytes.ToArray());
            else
                Assert.All(wanted.AsSpan<float>().ToArray().Zip(got.AsSpan<float>().ToArray()), pair => Assert.InRange(pair.Second, pair.First - tolerance, pair.First + tolerance));
        }
        return after;
    }

    /// <summary>Float numbers that differ from element to element, from -1 to 1.</summary>
    public static Tensor Numbers(params ReadOnlySpan<long> shape)
    {
        Tensor tensor = Tensor.Allocate(DataType.Float, TensorShape.Of(shape), out Span<float> elements);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = (((i * 37) + 11) % 101 / 50f) - 1;
        return tensor;
    }

    private ImmutableArray<Tensor> Run(Graph graph, Dictionary<string, Tensor> feeds) =>
        new CpuBackend().Compile(graph, Outputs, new CompileOptions { Feeds = [.. feeds.Keys] }).Run(feeds);

    /// <summary>Runs and compares; both graphs are normalised by the printer.</summary>
    public void Check(string before, string after) => Assert.Equal(GraphText.Print(GraphText.Parse(after)).Trim(), Run(before));

    public void CheckUnchanged(string graph) => Check(graph, graph);

    public TransformException Fails(string graph) => Assert.Throws<TransformException>(() => Run(graph));

    private sealed class TestContext(Dictionary<string, byte[]> files) : TransformContext
    {
        public override IBackend Backend { get; } = new CpuBackend();

        public override Stream OpenFile(string path) => files.TryGetValue(path, out byte[]? file) ? new MemoryStream(file) : throw new TransformException(TransformFramework.Diagnostics.StatusKind.NotFound, $"{path}; No such file or directory");
    }
}
