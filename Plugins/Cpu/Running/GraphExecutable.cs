using System.Collections.Immutable;
using TransformFramework.Cpu.Compiled;
using TransformFramework.Cpu.Planning;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Running;

/// <summary>A compiled graph. Runs by a plan for the shapes that are fed where there is one, else node by node, each as soon as its inputs are there.</summary>
internal sealed class GraphExecutable(GraphProgram program, CompileOptions options) : IExecutable
{
    private readonly PlanCache? plans = options.UseReferenceKernels ? null : new(program, options);

    public ImmutableArray<string> Outputs => program.Outputs;

    public ImmutableArray<Tensor> Run(IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation = default) => RunWithin(null, feeds, cancellation);

    /// <summary>Runs with the resources of an outer run, if there is one.</summary>
    public ImmutableArray<Tensor> RunWithin(RunState? state, IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation)
    {
        if (plans?.Find(feeds) is not { } session)
            return RunNodes(feeds, state, cancellation);
        try
        {
            return session.Run(feeds, state, options.Print, cancellation);
        }
        catch (PlanMismatchException)
        {
            plans.Discard(session);
            return RunNodes(feeds, state, cancellation);
        }
    }

    public void Run(IReadOnlyDictionary<string, Tensor> feeds, ReadOnlySpan<Memory<byte>> outputs, CancellationToken cancellation = default)
    {
        if (outputs.Length != program.Outputs.Length)
            throw new ExecutionException(StatusKind.InvalidArgument, $"{outputs.Length} buffers for {program.Outputs.Length} outputs; give one buffer for each output");
        if (plans?.Find(feeds) is { } session)
        {
            try
            {
                session.Run(feeds, outputs, options.Print, cancellation);
                return;
            }
            catch (PlanMismatchException)
            {
                plans.Discard(session);
            }
        }
        var results = RunNodes(feeds, null, cancellation);
        for (int i = 0; i < outputs.Length; i++)
            OutputBuffers.Copy(results[i].Bytes.Span, outputs[i], i);
    }

    private ImmutableArray<Tensor> RunNodes(IReadOnlyDictionary<string, Tensor> feeds, RunState? state, CancellationToken cancellation)
    {
        var canonical = new Dictionary<string, Tensor>(feeds.Count, StringComparer.Ordinal);
        foreach (var (name, tensor) in feeds)
            canonical[new NodeInput(name).Canonical] = tensor;
        return new DataflowRun(program, options, canonical, state ?? new RunState(options.Print), cancellation).Execute();
    }
}
