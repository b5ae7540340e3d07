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
internal sealed class ScanKernel(GraphAnalysis region, ScanLoop loop, CompileOptions options) : IScanKernel
{
    private readonly FeedSlot[] feeds = FeedSignature.Slots(region);
    private readonly Lazy<Executable> nodes = new(() => new(region, options, contractsLoops: false));

    private readonly AnalyzedNode loopNode = region.Nodes.First(node => node.Kernel is WhileKernel);

    public Node Loop => loopNode.Node;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public PlanTensor[] Outputs(PlanTensor[] inputs)
    {
        PlanTensor[] outputs = [.. region.OutputSources.Select(_ => PlanTensor.Unknown)];
        if (Graph(inputs) is not { } graph)
            return outputs;
        ImmutableArray<PlanTensor>? known = Resolve(inputs)?.Outputs;
        return [.. region.OutputSources.Select((source, i) => known is null ? graph[source] : known.Value[i])];
    }

    public ResolvedScan? Resolve(PlanTensor[] inputs) => Graph(inputs) is { } graph ? ResolvedScan.Of(graph, loop, Loop.Name, ((WhileKernel)loopNode.Kernel!).Limit) : null;

    public Tensor[] Compute(KernelCall call)
    {
        var given = new Dictionary<string, Tensor>(feeds.Length, StringComparer.Ordinal);
        for (int i = 0; i < feeds.Length; i++)
            given.Add(feeds[i].Canonical, call.Inputs[i]);
        return [.. nodes.Value.RunWithin(call.State, null, given, call.Cancellation)];
    }

    private PlanGraph? Graph(PlanTensor[] inputs) => PlanGraphAnalysis.Run(region, FeedSignature.Of(feeds, inputs));
}
