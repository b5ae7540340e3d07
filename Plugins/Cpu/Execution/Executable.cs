using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Plans;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Execution;

/// <summary>
/// A compiled graph. Runs by a plan for the shapes that are fed where there is one, else node by node, each as soon as its inputs are there. Parts of a graph between loops, branches and
/// ops of unknown result types are nodes that run by plans themselves.
/// </summary>
internal sealed class Executable : IExecutable
{
    private readonly GraphAnalysis analysis;
    private readonly CompileOptions options;
    private readonly PlanCache? plans;

    /// <param name="analysis">The graph.</param>
    /// <param name="options">Choices of the compilation.</param>
    /// <param name="contractsLoops">False to leave loops that go through sequences as they are.</param>
    public Executable(GraphAnalysis analysis, CompileOptions options, bool contractsLoops = true)
    {
        this.options = options;
        if (contractsLoops && !options.UseReferenceKernels)
            analysis = ScanContraction.Apply(analysis, options);
        bool isContracted = (analysis.HasControlFlow || analysis.HasUndeclaredOps) && !options.UseReferenceKernels;
        this.analysis = isContracted ? RegionContraction.Apply(analysis, region => new RegionKernel(region, options)) : analysis;
        bool runsByNode = options.UseReferenceKernels || analysis.HasControlFlow || !ReferenceEquals(this.analysis, analysis);
        plans = runsByNode ? null : new(analysis, options);
    }

    /// <summary>Compiles what the outputs of a graph need.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">What a run returns.</param>
    /// <param name="options">Choices of the compilation.</param>
    /// <param name="targets">Nodes that run for their effect only.</param>
    /// <exception cref="ExecutionException">An output or a producer does not exist, or a node cannot be run.</exception>
    public static Executable Compile(Graph graph, IReadOnlyList<string> outputs, CompileOptions options, IEnumerable<string> targets) => new(Analyze(graph, outputs, options, targets), options);

    /// <summary>Analyses what the outputs of a graph need, with the kernels of its functions.</summary>
    public static GraphAnalysis Analyze(Graph graph, IReadOnlyList<string> outputs, CompileOptions options, IEnumerable<string> targets) =>
        GraphAnalyzer.Build(graph, outputs, targets, options, node => FunctionKernels.Of(node, graph, options));

    public ImmutableArray<string> Outputs => analysis.Outputs;

    public ImmutableArray<Tensor> Run(IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation = default) => RunWithin(null, ProfileClock.Start(options.Profile), feeds, cancellation);

    /// <summary>Runs with the resources and the clock of an outer run, if there are any.</summary>
    public ImmutableArray<Tensor> RunWithin(RunState? state, ProfileClock? clock, IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation) =>
        plans?.Find(feeds) is { } session ? session.Run(feeds, state, options.Print, clock, cancellation) : RunNodes(feeds, state, clock, cancellation);

    public void Run(IReadOnlyDictionary<string, Tensor> feeds, Action<int, Tensor> receive, CancellationToken cancellation = default)
    {
        var clock = ProfileClock.Start(options.Profile);
        if (plans?.Find(feeds) is { } session)
        {
            session.Run(feeds, receive, options.Print, clock, cancellation);
            return;
        }
        var results = RunNodes(feeds, null, clock, cancellation);
        for (int i = 0; i < results.Length; i++)
            receive(i, results[i]);
    }

    public void Run(IReadOnlyDictionary<string, Tensor> feeds, ReadOnlySpan<Memory<byte>> outputs, CancellationToken cancellation = default)
    {
        if (outputs.Length != analysis.Outputs.Length)
            throw new ExecutionException(StatusKind.InvalidArgument, $"{outputs.Length} buffers for {analysis.Outputs.Length} outputs; give one buffer for each output");
        var clock = ProfileClock.Start(options.Profile);
        if (plans?.Find(feeds) is { } session)
        {
            session.Run(feeds, outputs, options.Print, clock, cancellation);
            return;
        }
        var results = RunNodes(feeds, null, clock, cancellation);
        for (int i = 0; i < outputs.Length; i++)
            OutputBuffers.Copy(results[i].Bytes.Span, outputs[i], i);
    }

    private ImmutableArray<Tensor> RunNodes(IReadOnlyDictionary<string, Tensor> feeds, RunState? state, ProfileClock? clock, CancellationToken cancellation)
    {
        var canonical = new Dictionary<string, Tensor>(feeds.Count, StringComparer.Ordinal);
        foreach (var (name, tensor) in feeds)
            canonical[new NodeInput(name).Canonical] = tensor;
        return new DataflowExecutor(analysis, options, canonical, state ?? new RunState(options.Print), clock, cancellation).Execute();
    }
}
