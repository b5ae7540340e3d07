using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.TfLite.Writing;

/// <summary>Lowers a graph node by node, in execution order, to operators. What operators can be joined is found afterwards.</summary>
internal sealed class SubgraphWriter
{
    private const int SharedSize = 64;

    private readonly Dictionary<string, TensorDraft> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorDraft> constants = new(StringComparer.Ordinal);

    /// <param name="model">What subgraphs share.</param>
    /// <param name="graph">The nodes.</param>
    /// <param name="draft">Where operators go.</param>
    public SubgraphWriter(ModelWriter model, Graph graph, SubgraphDraft draft)
    {
        Model = model;
        Graph = graph;
        Draft = draft;
        Ranges = QuantizedRanges.Of(graph);
    }

    public ModelWriter Model { get; }

    public Graph Graph { get; }

    public SubgraphDraft Draft { get; }

    /// <summary>Scales and zero points of quantized tensors.</summary>
    public QuantizedRanges Ranges { get; }

    /// <summary>Accumulators whose units are still to come, though they are real values already: the units are in the weights' scales.</summary>
    public HashSet<TensorDraft> Scaled { get; } = [];

    /// <summary>What was assigned to a variable's handle last.</summary>
    public Dictionary<TensorDraft, TensorDraft> Variables { get; } = [];

    /// <summary>The operator that computes a tensor, or null.</summary>
    public OperatorDraft? Producer(TensorDraft tensor) => Draft.Operators.Producer(tensor);

    /// <summary>Declares an input.</summary>
    public void Input(string reference, TensorDraft tensor)
    {
        tensor.IsInput = true;
        Draft.Inputs.Add(tensor);
        Define(new NodeInput(reference), tensor);
    }

    /// <summary>Lowers the nodes that the outputs need.</summary>
    /// <exception cref="ModelFormatException">A node has no counterpart; nothing is written then.</exception>
    /// <returns>The tensors of the outputs.</returns>
    public TensorDraft[] Run(IReadOnlyList<NodeInput> outputs, CancellationToken cancellation)
    {
        foreach (Node node in Needed(outputs))
        {
            cancellation.ThrowIfCancellationRequested();
            Lower(node);
        }
        return [.. outputs.Select(output => tensors.TryGetValue(output.Canonical, out TensorDraft? tensor) ? tensor
            : throw new ModelFormatException($"output '{output.Text}' does not exist") { DiagnosticId = TfLiteDiagnostics.UnknownTensor.Id })];
    }

    /// <summary>The tensor that an input of a node reads.</summary>
    public TensorDraft Read(NodeInput input, Node reader) => tensors.TryGetValue(input.Canonical, out TensorDraft? tensor) ? tensor
        : throw TfLiteDiagnostics.Unwritable($"node '{reader.Name}' ({reader.Op}) reads '{input.Text}', which no node gives");

    /// <summary>The tensor of a reference, or null.</summary>
    public TensorDraft? Find(NodeInput input) => tensors.GetValueOrDefault(input.Canonical);

    public void Define(NodeInput reference, TensorDraft tensor) => tensors[reference.Canonical] = tensor;

    /// <summary>A constant; equal small ones are one tensor.</summary>
    public TensorDraft Constant(Tensor tensor, TfLiteQuantization? quantization, string name)
    {
        bool isSmall = tensor is { IsDecodable: true, Type: not DataType.String } && tensor.ElementCount <= SharedSize && quantization is null;
        if (!isSmall)
            return TensorDraft.Of(name, tensor, quantization);
        string content = $"{tensor.Type} {tensor.Shape} {System.Convert.ToHexString(tensor.Bytes.Span)}";
        return constants.TryGetValue(content, out TensorDraft? known) ? known : constants[content] = TensorDraft.Of(name, tensor, quantization);
    }

    private void Lower(Node node)
    {
        if (node.Op is "NoOp" or "Assert")
            return;
        node = OpDefaults.Complete(node);
        var writer = new NodeWriter(this, node);
        try
        {
            Model.Calls.Count();
            if (KnownValues.TryFold(writer))
                return;
            Model.Convert(writer);
            writer.Finish();
            KnownValues.Attach(writer);
        }
        catch (AttributeException error)
        {
            throw writer.Decline(error.Message);
        }
        catch (Exception error) when (NodeFault.IsOne(error))
        {
            throw writer.Decline(NodeFault.Reason(error));
        }
    }

    /// <summary>The loop that an Exit ends.</summary>
    /// <exception cref="ModelFormatException">The nodes around it do not make a loop.</exception>
    public FrameLoop LoopOf(Node exit) => FrameLoop.Of(Graph, exit)
        ?? throw TfLiteDiagnostics.Unwritable($"the nodes around '{exit.Name}' do not make a loop of Enter, Merge, Switch, NextIteration and Exit");

    /// <summary>The conditional that a Merge ends.</summary>
    /// <exception cref="ModelFormatException">No condition tells its inputs apart.</exception>
    public MergeConditional ConditionalOf(Node merge) => MergeConditional.Of(Graph, merge)
        ?? throw TfLiteDiagnostics.Unwritable($"no condition tells apart the two branches that '{merge.Name}' merges");

    private bool IsDefined(NodeInput input) => tensors.ContainsKey((input.IsControl ? NodeInput.Data(input.Node) : input).Canonical);

    private IEnumerable<Node> Needed(IReadOnlyList<NodeInput> outputs)
    {
        if (Graph.Nodes.Any(node => node.Op is "Exit" or "RefExit" or "Merge" or "RefMerge"))
            return NeededAroundControlFlow(outputs);
        var needed = Graph.Upstream(outputs, IsDefined).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        return ExecutionOrder.Sort(Graph).Nodes.Where(node => needed.Contains(node.Name) && !tensors.ContainsKey(NodeInput.Data(node.Name).Canonical));
    }

    private IReadOnlyList<NodeInput> Dependencies(Node node) => node.Op switch
    {
        "Exit" or "RefExit" => LoopOf(node).Entering,
        "Merge" or "RefMerge" => [.. ConditionalOf(node).Entering],
        _ => node.Inputs,
    };

    /// <summary>What the outputs need, producers first. A loop or conditional counts as one node: what enters it is what it needs.</summary>
    private List<Node> NeededAroundControlFlow(IReadOnlyList<NodeInput> outputs)
    {
        var order = new List<Node>();
        var met = new Dictionary<string, bool>(StringComparer.Ordinal);
        var open = new Stack<(Node Node, bool IsDone)>();
        Push(outputs);
        while (open.TryPop(out var entry))
        {
            if (entry.IsDone)
            {
                met[entry.Node.Name] = true;
                order.Add(entry.Node);
                continue;
            }
            if (met.TryGetValue(entry.Node.Name, out bool isDone))
            {
                if (!isDone)
                    throw TfLiteDiagnostics.Unwritable($"node '{entry.Node.Name}' ({entry.Node.Op}) reads itself in a cycle that is no loop");
                continue;
            }
            met[entry.Node.Name] = false;
            open.Push((entry.Node, true));
            Push(Dependencies(entry.Node));
        }
        return order;

        void Push(IReadOnlyList<NodeInput> inputs)
        {
            for (int i = inputs.Count - 1; i >= 0; i--)
            {
                bool isDone = met.TryGetValue(inputs[i].Node, out bool done) && done;
                if (!isDone && !IsDefined(inputs[i]) && Graph.Find(inputs[i].Node) is { } node)
                    open.Push((node, false));
            }
        }
    }
}
