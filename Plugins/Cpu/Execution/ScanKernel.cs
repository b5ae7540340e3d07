using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Analysis.Scans;
using TransformFramework.Cpu.Plans;
using TransformFramework.Cpu.Plans.Operators.Scan;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Execution;

/// <summary>A loop through sequences with the nodes that make and unmake its lists. A plan may run it as one operator; by itself it runs node by node.</summary>
/// <param name="region">The nodes as a graph of their own.</param>
/// <param name="loop">The structure of the loop.</param>
/// <param name="options">Choices of the compilation.</param>
internal sealed class ScanKernel(GraphAnalysis region, ScanLoop loop, CompileOptions options) : IPlannedKernel
{
    /// <summary>Op of nodes with this kernel.</summary>
    public const string Op = "_Scan";

    private readonly FeedSlot[] feeds = FeedSignature.Slots(region);
    private readonly Lazy<Executable> nodes = new(() => new(region, options, contractsLoops: false));

    /// <summary>The node of the loop.</summary>
    public Node Loop { get; } = region.Nodes.First(node => node.Kernel is WhileKernel).Node;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public PlanTensor[] Outputs(PlanTensor[] inputs)
    {
        PlanTensor[] outputs = [.. region.OutputSources.Select(_ => PlanTensor.Unknown)];
        if (Graph(inputs) is not { } graph)
            return outputs;
        ImmutableArray<PlanTensor>? known = Resolve(inputs)?.Outputs;
        return [.. region.OutputSources.Select((source, i) => known is null ? graph[source] : known.Value[i])];
    }

    /// <summary>The loop for inputs of known types and shapes; null where it has to run node by node.</summary>
    public ResolvedScan? Resolve(PlanTensor[] inputs) => Graph(inputs) is { } graph ? ResolvedScan.Of(graph, loop) : null;

    public Tensor[] Compute(KernelCall call)
    {
        var given = new Dictionary<string, Tensor>(feeds.Length, StringComparer.Ordinal);
        for (int i = 0; i < feeds.Length; i++)
            given.Add(feeds[i].Canonical, call.Inputs[i]);
        return [.. nodes.Value.RunWithin(call.State, null, given, call.Cancellation)];
    }

    private PlanGraph? Graph(PlanTensor[] inputs) => PlanGraphAnalysis.Run(region, FeedSignature.Of(feeds, inputs));
}
