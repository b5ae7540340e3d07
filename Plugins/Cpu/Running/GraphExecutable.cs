using System.Collections.Immutable;
using TransformFramework.Cpu.Compiled;
using TransformFramework.Cpu.Planning;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Running;

/// <summary>
/// A compiled graph. Runs by a plan for the shapes that are fed where there is one, else node by node, each as soon as its inputs are there. Parts of a graph between loops and branches are nodes
/// that run by plans themselves.
/// </summary>
internal sealed class GraphExecutable : IExecutable
{
    private readonly GraphProgram program;
    private readonly CompileOptions options;
    private readonly PlanCache? plans;

    public GraphExecutable(GraphProgram program, CompileOptions options)
    {
        this.options = options;
        bool isContracted = program.HasControlFlow && !options.UseReferenceKernels;
        this.program = isContracted ? RegionContraction.Apply(program, region => new RegionKernel(region, options)) : program;
        plans = program.HasControlFlow || options.UseReferenceKernels ? null : new(program, options);
    }

    public ImmutableArray<string> Outputs => program.Outputs;

    public ImmutableArray<Tensor> Run(IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation = default) => RunWithin(null, StepClock.Start(options.Profile), feeds, cancellation);

    /// <summary>Runs with the resources and the clock of an outer run, if there are any.</summary>
    public ImmutableArray<Tensor> RunWithin(RunState? state, StepClock? clock, IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation)
    {
        if (plans?.Find(feeds) is not { } session)
            return RunNodes(feeds, state, clock, cancellation);
        try
        {
            return session.Run(feeds, state, options.Print, clock, cancellation);
        }
        catch (PlanMismatchException)
        {
            plans.Discard(session);
            return RunNodes(feeds, state, clock, cancellation);
        }
    }

    public void Run(IReadOnlyDictionary<string, Tensor> feeds, ReadOnlySpan<Memory<byte>> outputs, CancellationToken cancellation = default)
    {
        if (outputs.Length != program.Outputs.Length)
            throw new ExecutionException(StatusKind.InvalidArgument, $"{outputs.Length} buffers for {program.Outputs.Length} outputs; give one buffer for each output");
        var clock = StepClock.Start(options.Profile);
        if (plans?.Find(feeds) is { } session)
        {
            try
            {
                session.Run(feeds, outputs, options.Print, clock, cancellation);
                return;
            }
            catch (PlanMismatchException)
            {
                plans.Discard(session);
            }
        }
        var results = RunNodes(feeds, null, clock, cancellation);
        for (int i = 0; i < outputs.Length; i++)
            OutputBuffers.Copy(results[i].Bytes.Span, outputs[i], i);
    }

    private ImmutableArray<Tensor> RunNodes(IReadOnlyDictionary<string, Tensor> feeds, RunState? state, StepClock? clock, CancellationToken cancellation)
    {
        var canonical = new Dictionary<string, Tensor>(feeds.Count, StringComparer.Ordinal);
        foreach (var (name, tensor) in feeds)
            canonical[new NodeInput(name).Canonical] = tensor;
        return new DataflowRun(program, options, canonical, state ?? new RunState(options.Print), clock, cancellation).Execute();
    }
}
