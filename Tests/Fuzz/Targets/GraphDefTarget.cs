using System.IO.Compression;
using TransformFramework.Cpu;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Inspection;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Binary GraphDefs: read, checked, printed, written again; and, as the format <c>run</c>, computed.</summary>
/// <param name="runs">Whether graphs are computed too.</param>
internal sealed class GraphDefTarget(bool runs) : FuzzTarget
{
    private const int LargestSeed = 16 << 10;
    private const int MostElements = 1 << 16;
    private const int MostIterations = 1000;

    private readonly CpuBackend backend = new();

    public override string Name => runs ? "run" : "graphdef";

    /// <summary>Functions are inlined up to a million nodes.</summary>
    public override long MemoryFloor => (runs ? 1024L : 200L) << 20;

    public override IReadOnlyList<IModelSourceReader> Readers => [];

    public override IReadOnlyList<Seed> Seeds { get; } = [.. ReadSeeds()];

    public override Seed Mutate(Seed seed, Random random)
    {
        byte[] bytes = seed.Files[0].Bytes;
        for (int count = random.Next(1, 4); count > 0; count--)
            bytes = random.Next(8) == 0 ? ByteMutation.Apply(bytes, random) : MessageMutation.Change(bytes, random);
        return seed.With(0, bytes);
    }

    public override FuzzOutcome Read(Seed seed, CancellationToken cancellation)
    {
        Graph graph;
        try
        {
            graph = GraphDefReader.Read(seed.Files[0].Bytes);
        }
        catch (ModelFormatException)
        {
            return FuzzOutcome.Unrecognized;
        }
        foreach (var _ in ImportProblems.Of(graph))
        {
        }
        GraphSummary.Of(graph);
        GraphText.Print(graph);
        using var written = new MemoryStream();
        GraphDefWriter.Write(graph, written, cancellation);
        if (GraphDefReader.Read(written.ToArray()).Nodes.Length != graph.Nodes.Length)
            throw new InvalidOperationException("the graph that was written reads otherwise");
        if (runs && GraphFlaws.Find(graph).IsEmpty)
            Compute(graph, cancellation);
        return FuzzOutcome.Read;
    }

    private void Compute(Graph graph, CancellationToken cancellation)
    {
        var endpoints = new ModelEndpoints(graph, signature: null);
        string[] outputs = [.. endpoints.Outputs.Select(output => output.Tensor)];
        try
        {
            var feeds = endpoints.Inputs.Select(input => graph.Find(input.Node)).OfType<Node>()
                .ToDictionary(node => node.Name, node => RandomTensors.Create(GraphInputs.TypeOf(node), Small(GraphInputs.ShapeOf(node)), seed: 1), StringComparer.Ordinal);
            backend.Compile(graph, outputs, new CompileOptions { Feeds = [.. feeds.Keys], MaxLoopIterations = MostIterations }).Run(feeds, cancellation);
        }
        catch (Exception refusal) when (refusal is ExecutionException or FeedException || (refusal is OperationCanceledException && cancellation.IsCancellationRequested))
        {
        }
    }

    private static TensorShape Small(TensorShape shape) =>
        TensorShape.Of(shape.Dimensions.Select(dimension => Math.Max(dimension, 1)).ToArray()).TryCount(out long count) && count <= MostElements ? shape : throw new FeedException("too large");

    private static IEnumerable<Seed> ReadSeeds()
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "Seeds", "cases.zip"));
        foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.Name.EndsWith(".pb", StringComparison.Ordinal) && entry.Length is > 0 and <= LargestSeed))
        {
            using Stream stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            yield return new(entry.FullName.Replace('/', '-'), [(entry.Name, content.ToArray())]);
        }
    }
}
