using TransformFramework.Cpu;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Inspection;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Binary GraphDefs: checked, printed, written again; and, as the format <c>run</c>, computed.</summary>
/// <param name="runs">Whether graphs are computed too.</param>
internal sealed class GraphDefTarget(bool runs) : GraphTarget
{
    private const int MostElements = 1 << 16;
    private const int MostIterations = 1000;

    private readonly CpuBackend backend = new();

    public override string Name => runs ? "run" : "graphdef";

    /// <summary>Functions are inlined up to a million nodes.</summary>
    public override long MemoryFloor => (runs ? 1024L : 200L) << 20;

    protected override void Use(Graph graph, CancellationToken cancellation)
    {
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
}
