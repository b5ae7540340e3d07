using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Cpu.Analysis;

/// <summary>Analyses what the outputs of a run need: walks back from them, stops at fed tensors, resolves names, kernels and frames.</summary>
internal sealed class GraphAnalyzer
{
    /// <summary>Outputs of a node whose op is not in the table.</summary>
    private const int MaxPorts = 1 << 16;

    private readonly Graph graph;
    private readonly CompileOptions options;
    private readonly Func<Node, IKernel?> functionKernels;
    private readonly HashSet<string> feeds;
    private readonly List<AnalyzedNode> nodes = [];
    private readonly Dictionary<string, int> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> feedNodes = new(StringComparer.Ordinal);
    private readonly Queue<AnalyzedNode> unresolved = new();

    private GraphAnalyzer(Graph graph, CompileOptions options, Func<Node, IKernel?> functionKernels)
    {
        this.functionKernels = functionKernels;
        this.graph = graph;
        this.options = options;
        feeds = options.Feeds.Select(feed => new NodeInput(feed).Canonical).ToHashSet(StringComparer.Ordinal);
    }

    /// <param name="graph">The graph.</param>
    /// <param name="outputs">What a run returns.</param>
    /// <param name="targets">Nodes that run for their effect only.</param>
    /// <param name="options">Choices of the compilation.</param>
    /// <param name="functionKernels">The kernel of a node that calls functions of the library, or null.</param>
    /// <exception cref="ExecutionException">An output or a producer does not exist, or a node cannot be run.</exception>
    public static GraphAnalysis Build(Graph graph, IReadOnlyList<string> outputs, IEnumerable<string> targets, CompileOptions options, Func<Node, IKernel?> functionKernels)
    {
        var builder = new GraphAnalyzer(graph, options, functionKernels);
        var sources = ImmutableArray.CreateBuilder<TensorSource>(outputs.Count);
        foreach (string output in outputs)
            sources.Add(builder.ResolveOutput(output));
        foreach (string target in targets)
            builder.Require(graph.Find(target) ?? throw new ExecutionException(StatusKind.NotFound, $"TargetNodes node {target}: not found"));
        while (builder.unresolved.TryDequeue(out var node))
            builder.ResolveInputs(node);
        CycleCheck.Run(builder.nodes);
        var frames = FrameAnalysis.Assign(builder.nodes);
        foreach (var (source, output) in sources.Zip(outputs))
        {
            AnalyzedNode node = builder.nodes[source.Node];
            node.OutputCount = Math.Max(node.OutputCount, source.Port + 1);
            if (FrameAnalysis.OutputFrame(node, frames) != 0)
                throw new ExecutionException(StatusKind.InvalidArgument, $"output '{output}' is inside a loop and has no single value; ask for what reads the loop's Exit node", node.Node.Name);
        }
        var outputSources = sources.MoveToImmutable();
        BatchNormFolding.Apply(builder.nodes, outputSources);
        return new([.. builder.nodes], frames, [.. outputs], outputSources);
    }

    private TensorSource ResolveOutput(string output)
    {
        var reference = new NodeInput(output);
        if (feeds.Contains(reference.Canonical))
            return new(FeedNode(reference), 0);
        if (!graph.TryFind(reference.Node, out var node))
            throw new ExecutionException(StatusKind.NotFound, $"FetchOutputs node {output}: not found");
        return new(Require(node), Math.Max(reference.Port, 0));
    }

    private void ResolveInputs(AnalyzedNode consumer)
    {
        int slot = 0;
        foreach (NodeInput input in consumer.Node.Inputs)
        {
            TensorSource source = input.IsControl ? new(Require(Producer(consumer, input)), 0) : ResolveData(consumer, input);
            AnalyzedNode producer = nodes[source.Node];
            producer.Edges.Add(new(source.Port, consumer.Index, input.IsControl ? -1 : slot));
            if (input.IsControl)
            {
                consumer.ControlInputs++;
                continue;
            }
            CheckPort(producer, source.Port, consumer);
            consumer.Declared.CheckProducer(consumer.Node, slot, producer.OutputTypes, source.Port);
            producer.OutputCount = Math.Max(producer.OutputCount, source.Port + 1);
            slot++;
        }
        consumer.DataInputs = slot;
        CheckControlFlow(consumer, slot);
        consumer.Declared.CheckCount(consumer.Node, slot);
    }

    /// <exception cref="ExecutionException">InvalidArgument: the producer has no such output.</exception>
    private static void CheckPort(AnalyzedNode producer, int port, AnalyzedNode consumer)
    {
        int outputs = producer.Kind switch
        {
            NodeKind.Switch or NodeKind.Merge => 2,
            NodeKind.NoOp => 0,
            NodeKind.Kernel => producer.OutputTypes.IsDefault ? MaxPorts : producer.OutputTypes.Length,
            _ => 1,
        };
        if (port >= outputs)
            throw new ExecutionException(StatusKind.InvalidArgument, $"node '{consumer.Node.Name}' reads output {port} of '{producer.Node.Name}' ({producer.Node.Op}), which has {outputs}", consumer.Node.Name);
    }

    /// <exception cref="ExecutionException">InvalidArgument: a node that the executor carries out itself has another number of inputs than its op.</exception>
    private static void CheckControlFlow(AnalyzedNode node, int inputs)
    {
        bool fits = node.Kind switch
        {
            NodeKind.Switch => inputs == 2,
            NodeKind.Merge => inputs >= 1,
            NodeKind.Enter or NodeKind.Exit or NodeKind.NextIteration => inputs == 1,
            NodeKind.Constant or NodeKind.Placeholder => inputs == 0,
            _ => true,
        };
        if (!fits)
            throw new ExecutionException(StatusKind.InvalidArgument, $"'{node.Node.Name}' ({node.Node.Op}) has {inputs} inputs, which its op does not take", node.Node.Name);
    }

    private TensorSource ResolveData(AnalyzedNode consumer, NodeInput input)
    {
        if (feeds.Contains(input.Canonical))
            return new(FeedNode(input), 0);
        if (input.Port < 0)
            throw new ExecutionException(StatusKind.InvalidArgument, $"input '{input}' has no valid port", consumer.Node.Name);
        return new(Require(Producer(consumer, input)), input.Port);
    }

    private Node Producer(AnalyzedNode consumer, NodeInput input) =>
        graph.TryFind(input.Node, out var producer)
            ? producer
            : throw new ExecutionException(StatusKind.InvalidArgument, $"Node '{consumer.Node.Name}': Unknown input node '{input}'", consumer.Node.Name);

    private int FeedNode(NodeInput reference)
    {
        if (feedNodes.TryGetValue(reference.Canonical, out int index))
            return index;
        var node = new AnalyzedNode(nodes.Count, new Node(reference.Node, "_Feed"), NodeKind.Feed, null) { FeedName = reference.Canonical };
        nodes.Add(node);
        feedNodes.Add(reference.Canonical, node.Index);
        return node.Index;
    }

    private int Require(Node node)
    {
        if (byName.TryGetValue(node.Name, out int index))
            return index;
        AnalyzedNode added = Create(nodes.Count, node);
        nodes.Add(added);
        byName.Add(node.Name, added.Index);
        unresolved.Enqueue(added);
        return added.Index;
    }

    private AnalyzedNode Create(int index, Node node)
    {
        NodeKind kind = NodeKinds.Of(node.Op);
        if (kind == NodeKind.Constant)
            return new(index, node, kind, null) { Constant = ConstantOf(node) };
        if (kind == NodeKind.Placeholder)
            return new(index, node, kind, null) { FeedName = NodeInput.Data(node.Name).Canonical };
        if (kind != NodeKind.Kernel)
            return new(index, node, kind, null);
        IKernel kernel = options.Kernels.GetValueOrDefault(node.Op) ?? KernelRegistry.Find(node.Op) ?? functionKernels(node)
            ?? throw new ExecutionException(StatusKind.Unimplemented, $"node '{node.Name}': the CPU backend has no kernel for op '{node.Op}'", node.Name);
        Node complete = OpDefaults.Complete(node);
        return new(index, complete, kind, kernel) { Declared = DeclaredInputs.Of(complete, kernel), OutputTypes = DeclaredOutputs(complete) };
    }

    /// <summary>Types of a node's outputs as its op declares them; default where the table or the attributes do not tell.</summary>
    private static ImmutableArray<DataType> DeclaredOutputs(Node node)
    {
        try
        {
            return OpTable.Find(node.Op) is { } definition ? OpTypes.OutputTypes(node, definition) : default;
        }
        catch (TransformException)
        {
            return default;
        }
    }

    private static Tensor ConstantOf(Node node)
    {
        Tensor value = node.TensorAttribute("value")
            ?? throw new ExecutionException(StatusKind.InvalidArgument, $"constant '{node.Name}' has no tensor in its attribute 'value'", node.Name);
        return value.IsDecodable
            ? value
            : throw new ExecutionException(StatusKind.InvalidArgument, $"the tensor of constant '{node.Name}' ({value}) cannot be decoded", node.Name);
    }
}
