using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>A graph without control flow, in an order in which it can run, with what is known of its tensors once the shapes of the feeds are.</summary>
internal sealed class PlanGraph
{
    private readonly ImmutableArray<TensorSource[]> inputs;
    private readonly PlanTensor[][] tensors;
    private readonly HashSet<TensorSource> outputs;
    private readonly Lazy<Dictionary<string, AnalyzedNode>> byName;
    private readonly Lazy<int[]> positions;

    public PlanGraph(GraphAnalysis analysis, ImmutableArray<AnalyzedNode> order, ImmutableArray<TensorSource[]> inputs, PlanTensor[][] tensors)
    {
        Analysis = analysis;
        Order = order;
        this.inputs = inputs;
        this.tensors = tensors;
        outputs = [.. analysis.OutputSources];
        positions = new(() => Positions(order));
        byName = new(() => order.Where(node => node.Kind == NodeKind.Kernel).ToDictionary(node => node.Node.Name, StringComparer.Ordinal));
    }

    public GraphAnalysis Analysis { get; }

    /// <summary>The nodes, producers first.</summary>
    public ImmutableArray<AnalyzedNode> Order { get; }

    /// <summary>The place of a node in the order.</summary>
    public int PositionOf(AnalyzedNode node) => positions.Value[node.Index];

    /// <summary>Where the data inputs of a node come from.</summary>
    public ReadOnlySpan<TensorSource> Inputs(AnalyzedNode node) => inputs[node.Index];

    public TensorSource Input(AnalyzedNode node, int slot) => inputs[node.Index][slot];

    public AnalyzedNode Producer(TensorSource source) => Analysis.Nodes[source.Node];

    /// <summary>What is known of a tensor.</summary>
    public PlanTensor this[TensorSource source]
    {
        get
        {
            PlanTensor[] known = tensors[source.Node];
            return source.Port < known.Length ? known[source.Port] : PlanTensor.Unknown;
        }
    }

    /// <summary>Shapes of the data inputs and of the outputs of a node.</summary>
    public NodeShapes ShapesOf(Node node) => byName.Value.TryGetValue(node.Name, out var analyzed)
        ? new([.. inputs[analyzed.Index].Select(source => this[source].Shape)], [.. tensors[analyzed.Index].Select(tensor => tensor.Shape)])
        : NodeShapes.None;

    /// <summary>True when the values of all outputs of a node are known.</summary>
    public bool AreConstant(AnalyzedNode node)
    {
        for (int port = 0; port < node.OutputCount; port++)
        {
            if (this[new(node.Index, port)].Constant is null)
                return false;
        }
        return true;
    }

    /// <summary>True when the values of some data inputs of a node are known.</summary>
    public bool AreConstant(AnalyzedNode node, int firstInput, int count)
    {
        foreach (TensorSource source in Inputs(node).Slice(firstInput, count))
        {
            if (this[source].Constant is null)
                return false;
        }
        return true;
    }

    /// <summary>True when a run returns the tensor.</summary>
    public bool IsOutput(TensorSource source) => outputs.Contains(source);

    /// <summary>The node that alone reads a tensor, as data and once, or null.</summary>
    public AnalyzedNode? OnlyReader(TensorSource source)
    {
        if (IsOutput(source))
            return null;
        AnalyzedNode? reader = null;
        foreach (AnalyzedEdge edge in Producer(source).Edges)
        {
            if (edge.IsControl || edge.Port != source.Port)
                continue;
            if (reader is not null)
                return null;
            reader = Analysis.Nodes[edge.Consumer];
        }
        return reader;
    }

    /// <summary>The nodes that read some outputs of a node as data; null when a run returns one of them.</summary>
    public AnalyzedNode[]? Readers(AnalyzedNode node, params ReadOnlySpan<int> ports)
    {
        var readers = new HashSet<int>();
        foreach (int port in ports)
        {
            if (IsOutput(new(node.Index, port)))
                return null;
            foreach (AnalyzedEdge edge in node.Edges)
            {
                if (!edge.IsControl && edge.Port == port)
                    readers.Add(edge.Consumer);
            }
        }
        return [.. readers.Select(reader => Analysis.Nodes[reader])];
    }

    /// <summary>True when the run or a node reads the tensor.</summary>
    public bool IsWanted(TensorSource source) => IsOutput(source) || Producer(source).Edges.Any(edge => !edge.IsControl && edge.Port == source.Port);

    private static int[] Positions(ImmutableArray<AnalyzedNode> order)
    {
        int[] byIndex = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
            byIndex[order[i].Index] = i;
        return byIndex;
    }

    /// <summary>True when the node is computed by this assembly's own kernel, so that a lowering of it computes the same.</summary>
    public static bool IsOwn(AnalyzedNode node) => node.Kernel?.GetType().Assembly == typeof(KernelRegistry).Assembly;
}

/// <summary>What is known of a tensor before a run: its type, its shape as far as it is known, and its value when it is constant.</summary>
internal sealed record PlanTensor(DataType Type, TensorShape Shape, Tensor? Constant = null)
{
    public static readonly PlanTensor Unknown = new(DataType.Invalid, TensorShape.Unknown);

    /// <summary>True when the tensor can be in an arena: real values of known shape.</summary>
    public bool IsStatic => Type.Size() > 0 && Type != DataType.String && Shape.IsFullyKnown && Shape.ElementCount > 0;

    public bool IsStaticFloat => Type == DataType.Float && IsStatic;

    public long Bytes => Shape.ElementCount * Type.Size();

    public static PlanTensor Of(Tensor constant) => new(constant.Type, constant.Shape, constant);
}
