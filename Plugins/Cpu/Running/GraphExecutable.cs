using System.Collections.Immutable;
using TransformFramework.Cpu.Planning;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Running;

/// <summary>A compiled graph that runs its nodes one after the other, each as soon as its inputs are there.</summary>
internal sealed class GraphExecutable(GraphProgram program, CompileOptions options) : IExecutable
{
    public ImmutableArray<string> Outputs => program.Outputs;

    public ImmutableArray<Tensor> Run(IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation = default) =>
        Run(feeds, new RunState(options.Print), cancellation);

    public ImmutableArray<Tensor> Run(IReadOnlyDictionary<string, Tensor> feeds, RunState state, CancellationToken cancellation)
    {
        var canonical = new Dictionary<string, Tensor>(feeds.Count, StringComparer.Ordinal);
        foreach (var (name, tensor) in feeds)
            canonical[new NodeInput(name).Canonical] = tensor;
        return new DataflowRun(program, options, canonical, state, cancellation).Execute();
    }
}
