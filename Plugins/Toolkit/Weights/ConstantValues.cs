using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Weights;

/// <summary>Values of tensors that are the same in every run: of constants, and of what is computed from constants only.</summary>
public sealed class ConstantValues
{
    private readonly TransformContext context;
    private readonly HashSet<string> computable = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor?> computed = new(StringComparer.Ordinal);

    public ConstantValues(Graph graph, TransformContext context)
    {
        this.context = context;
        Graph = graph;
        foreach (Node node in ExecutionOrder.Sort(graph).Nodes)
        {
            if (IsComputable(node))
                computable.Add(node.Name);
        }
    }

    /// <summary>The graph as it is now; nodes that were computable stay so.</summary>
    public Graph Graph { get; set; }

    /// <summary>True when a tensor is the same in every run.</summary>
    public bool IsConstant(NodeInput input) => !input.IsControl && (Graph.Find(input.Node)?.Op == "Const" || computable.Contains(input.Node));

    /// <summary>The value of a constant tensor, or null.</summary>
    public Tensor? Find(NodeInput input)
    {
        if (!IsConstant(input) || Graph.Find(input.Node) is not { } node)
            return null;
        if (node.Op == "Const")
            return node.TensorAttribute("value") is { IsDecodable: true } value ? value : null;
        if (node.Op == "Identity")
            return Find(node.Inputs[0]);
        if (!computed.TryGetValue(input.Canonical, out var known))
            computed.Add(input.Canonical, known = Compute(input));
        return known;
    }

    /// <summary>The value of a constant float tensor, or null.</summary>
    public Tensor? FindFloat(NodeInput input) => Find(input) is { Type: DataType.Float } value ? value : null;

    private Tensor? Compute(NodeInput input)
    {
        try
        {
            return context.Backend!.Compile(Graph, [input.Canonical], CompileOptions.Default).Run(new Dictionary<string, Tensor>(), context.Cancellation)[0];
        }
        catch (ExecutionException error)
        {
            context.Explain(input.Node, $"it cannot be evaluated: {error.Message}");
            return null;
        }
    }

    private bool IsComputable(Node node)
    {
        if (node.Op == "Const")
            return true;
        bool isFixed = node.DataInputs.Any() && node.DataInputs.All(input => computable.Contains(input.Node)) && OpTable.Find(node.Op) is { IsStateful: false };
        return isFixed && !node.Op.StartsWith("Placeholder", StringComparison.Ordinal) && !ControlFlowOps.Contain(node.Op) && context.Backend?.Supports(node.Op) == true;
    }
}
