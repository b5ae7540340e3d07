using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Execution;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;

namespace TransformFramework.Cpu.Plans;

/// <summary>A graph in text form; Const nodes with a shape instead of a value get random contents, and placeholders are fed random real values or quantized values of their shape.</summary>
internal sealed class PlanCase
{
    private readonly Graph graph;
    private readonly string[] outputs;

    public PlanCase(string text, params string[] outputs)
    {
        var random = new Random(3);
        this.outputs = outputs;
        graph = GraphText.Parse(text).Select(node => node.Op == "Const" && node.TensorAttribute("value") is null ? Filled(node, random) : node);
        Feeds = graph.Nodes.Where(node => node.Op == "Placeholder").ToDictionary(node => node.Name, node => Random(node, random));
    }

    public Dictionary<string, Tensor> Feeds { get; }

    public IExecutable Compile(CompileOptions options) => new CpuBackend().Compile(graph, outputs, options);

    /// <summary>What the reference kernels compute.</summary>
    public ImmutableArray<Tensor> Reference() => Compile(new() { UseReferenceKernels = true }).Run(Feeds);

    /// <summary>The plan with the kernels of one set, or null. Skips the test when this machine lacks the set.</summary>
    public ExecutionPlan? Plan(string set, int threads = 2, PlanOptions? options = null)
    {
        Skip.IfNot(MicrokernelCatalog.Supported.Any(supported => supported.Name == set), $"this machine lacks the kernel set {set}");
        GraphAnalysis analysis = ScanContraction.Apply(Executable.Analyze(graph, outputs, CompileOptions.Default, []), CompileOptions.Default);
        FeedSlot[] slots = FeedSignature.Slots(analysis);
        return PlanCompiler.Compile(analysis, slots, FeedSignature.Of(slots, Feeds)!, MicrokernelCatalog.Select(set), options ?? new(threads), new WeightCache());
    }

    /// <summary>The plans that an executable of the graph would keep.</summary>
    public PlanCache Plans(long arenaBudget) => new(Executable.Analyze(graph, outputs, CompileOptions.Default, []), new() { Threads = 1 }, arenaBudget);

    /// <summary>The graph with its regions as nodes.</summary>
    public GraphAnalysis Contracted() =>
        RegionContraction.Apply(Executable.Analyze(graph, outputs, CompileOptions.Default, []), region => new RegionKernel(region, CompileOptions.Default));

    public ImmutableArray<Tensor> Run(ExecutionPlan plan, int threads = 2) => new PlanSession(plan, threads).Run(Feeds, state: null, null, null, CancellationToken.None);

    /// <summary>How many of 1,000 runs of one executable, from 8 threads at once, give the bits that are expected, or without these the bits of a run alone.</summary>
    public int RepeatedRuns(Tensor? expected = null)
    {
        IExecutable executable = Compile(new CompileOptions { Threads = 2 });
        expected ??= executable.Run(Feeds)[0];
        int same = 0;
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 125; i++)
                Interlocked.Add(ref same, executable.Run(Feeds)[0].ContentEquals(expected) ? 1 : 0);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        return same;
    }

    public static Tensor Reals(TensorShape shape, Random random)
    {
        Tensor tensor = Tensor.Allocate<float>(DataType.Float, shape, out var values);
        for (int i = 0; i < values.Length; i++)
            values[i] = (random.NextSingle() * 2) - 0.75f;
        return tensor;
    }

    private static Node Filled(Node node, Random random)
    {
        Tensor tensor = Random(node, random);
        bool isVariance = node.Name.StartsWith("variance", StringComparison.Ordinal);
        return node.With("value", isVariance ? Tensor.Create<float>(DataType.Float, tensor.Shape, [.. tensor.AsSpan<float>().ToArray().Select(value => MathF.Abs(value) + 0.1f)]) : tensor);
    }

    /// <summary>Real values, 8-bit values of every kind, or 32-bit values of some thousands.</summary>
    private static Tensor Random(Node node, Random random)
    {
        DataType type = ((TypeValue)node.Attributes["dtype"]).Value;
        TensorShape shape = ShapeOf(node);
        if (type == DataType.Float)
            return Reals(shape, random);
        if (type == DataType.QInt32)
            return Tensor.Create<int>(type, shape, [.. Enumerable.Range(0, (int)shape.ElementCount).Select(_ => random.Next(-5000, 5000))]);
        byte[] quantized = new byte[shape.ElementCount];
        random.NextBytes(quantized);
        return Tensor.FromContent(type, shape, quantized);
    }

    private static TensorShape ShapeOf(Node node) => ((ShapeValue)node.Attributes["shape"]).Value;
}
