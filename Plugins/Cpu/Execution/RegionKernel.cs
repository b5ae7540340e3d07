using TransformFramework.Cpu.Analysis;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Execution;

/// <summary>Runs a part of a graph as a graph of its own.</summary>
internal sealed class RegionKernel(GraphAnalysis region, CompileOptions options) : IKernel
{
    private readonly Executable executable = new(region, options);
    private readonly string[] feeds = [.. region.Nodes.Where(node => node.FeedName is not null).Select(node => node.FeedName!)];

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public Tensor[] Compute(KernelCall call) => Run(call.Inputs, call.State, null, call.Cancellation);

    /// <summary>Runs the part with the clock of the run that it belongs to.</summary>
    public Tensor[] Run(IReadOnlyList<Tensor> inputs, RunState state, ProfileClock? clock, CancellationToken cancellation)
    {
        var given = new Dictionary<string, Tensor>(feeds.Length, StringComparer.Ordinal);
        for (int i = 0; i < feeds.Length; i++)
            given.Add(feeds[i], inputs[i]);
        return [.. executable.RunWithin(state, clock, given, cancellation)];
    }
}
