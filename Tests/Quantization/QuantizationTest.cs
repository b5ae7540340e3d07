using System.Collections.Immutable;
using TransformFramework.Cpu;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Tests;

/// <summary>Runs a transform on a graph in text form; asserts that the result is a graph that could be run: unique names, inputs that exist.</summary>
internal sealed class QuantizationTest(ITransform transform, object? options = null)
{
    public ImmutableArray<string> Outputs { get; init; } = ["y"];

    public TransformMode Mode { get; init; }

    /// <summary>What files of arguments hold.</summary>
    public string File { get; init; } = "";

    /// <summary>What files of arguments with a content of their own hold.</summary>
    public Dictionary<string, byte[]> Files { get; init; } = [];

    /// <summary>What the last run explained, a line each.</summary>
    public List<string> Explanations { get; } = [];

    /// <summary>The context of the last run, with its diagnostics and statistics.</summary>
    public TransformContext Context { get; private set; } = new();

    public Graph Run(string graph) => Run(GraphText.Parse(graph));

    public Graph Run(Graph graph)
    {
        Explanations.Clear();
        Context = new ExplainingContext(Explanations, File, Files) { OutputNames = Outputs, Mode = Mode };
        Graph result = transform.Apply(graph, options ?? new NoOptions(), Context);
        Assert.Empty(GraphChecks.InvalidInputs(result));
        Assert.Equal(result.Nodes.Length, result.Nodes.Select(node => node.Name).Distinct(StringComparer.Ordinal).Count());
        return result;
    }

    public string Text(string graph) => GraphText.Print(Run(graph)).Trim();

    public void Check(string before, string after) => Assert.Equal(GraphText.Print(GraphText.Parse(after)).Trim(), Text(before));

    public TransformException Fails(string graph) => Assert.Throws<TransformException>(() => Run(graph));

    /// <summary>Runs a graph with our own kernels.</summary>
    public static Tensor Compute(Graph graph, string output, params (string Name, Tensor Value)[] feeds) =>
        new CpuBackend().Compile(graph, [output], CompileOptions.Default).Run(feeds.ToDictionary(feed => feed.Name, feed => feed.Value))[0];

    /// <summary>The numbers of a graph's output, or the kind of refusal, which must name a node.</summary>
    public static (float[]? Numbers, StatusKind? Refusal) Outcome(Graph graph, string output, params (string Name, Tensor Value)[] feeds)
    {
        try
        {
            return (Compute(graph, output, feeds).ToSingles(), null);
        }
        catch (ExecutionException error)
        {
            Assert.NotNull(error.Node);
            Assert.NotEqual(StatusKind.Internal, error.Kind);
            return (null, error.Kind);
        }
    }

    private sealed class ExplainingContext(List<string> explanations, string file, Dictionary<string, byte[]> files) : TransformContext
    {
        public override IBackend Backend { get; } = new CpuBackend();

        public override bool IsExplaining => true;

        public override void Explain(string node, string reason) => explanations.Add($"{node}: {reason}");

        public override Stream OpenFile(string path) => new MemoryStream(files.GetValueOrDefault(path) ?? System.Text.Encoding.UTF8.GetBytes(file));
    }
}
