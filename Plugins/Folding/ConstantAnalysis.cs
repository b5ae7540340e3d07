using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>Which nodes of a graph have the same value in every run, and on which control inputs they hang.</summary>
internal sealed class ConstantAnalysis
{
    private readonly Dictionary<string, SortedSet<string>> controls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor[]> shapes = new(StringComparer.Ordinal);

    private bool isVerbatim;

    private ConstantAnalysis()
    {
    }

    /// <summary>Values of Shape, ShapeN, Rank and Size nodes of statically known shapes, by node name.</summary>
    public IReadOnlyDictionary<string, Tensor[]> StaticShapes => shapes;

    /// <summary>True when the node's value is the same in every run.</summary>
    public bool IsConstant(string name) => controls.ContainsKey(name);

    /// <summary>Names of the nodes outside that must run before what stands for a constant node.</summary>
    public IEnumerable<string> ControlsOf(string name) => controls[name];

    /// <param name="graph">The whole graph.</param>
    /// <param name="needed">Names of the nodes between inputs and outputs.</param>
    /// <param name="bounds">Where the fed tensors are.</param>
    /// <param name="inferred">Output shapes by node name.</param>
    /// <param name="options">Which ops and nodes are excluded.</param>
    /// <param name="backend">Which ops can be evaluated.</param>
    /// <param name="isVerbatim">True when lists and other variants count as constants too, as in the original.</param>
    public static ConstantAnalysis Of(
        Graph graph, HashSet<string> needed, FoldBounds bounds, IReadOnlyDictionary<string, TensorShape[]> inferred, FoldConstants.Options options, IBackend backend, bool isVerbatim)
    {
        var analysis = new ConstantAnalysis { isVerbatim = isVerbatim };
        foreach (Node node in ExecutionOrder.Sort(graph).Nodes.Where(node => needed.Contains(node.Name)))
        {
            if (StaticShape(node, inferred) is { } values)
                analysis.shapes.Add(node.Name, values);
            else if (!analysis.IsFoldable(node, graph, bounds, options, backend))
                continue;
            analysis.controls.Add(node.Name, analysis.Controls(node, bounds));
        }
        return analysis;
    }

    private bool IsFoldable(Node node, Graph graph, FoldBounds bounds, FoldConstants.Options options, IBackend backend)
    {
        if (node.Op == "Const")
            return true;
        if (options.ExcludeOp.Contains(node.Op) || options.ExcludeNode.Contains(node.Name))
            return false;
        if (!isVerbatim && node.Op is ("Placeholder" or "PlaceholderV2"))
            return false;
        if (ControlFlowOps.Contain(node.Op) || graph.Functions.Find(node.Op) is not null)
            return false;
        return OpTable.Find(node.Op) is { IsStateful: false } definition && (isVerbatim || !OpTypes.OutputTypes(node, definition).Contains(DataType.Variant)) && backend.Supports(node.Op)
            && node.DataInputs.All(input => !bounds.IsFed(input) && controls.ContainsKey(input.Node));
    }

    private SortedSet<string> Controls(Node node, FoldBounds bounds)
    {
        var collected = new SortedSet<string>(NameOrder.Instance);
        foreach (NodeInput input in node.Inputs)
        {
            if (!bounds.IsFed(new NodeInput(input.Node)) && controls.TryGetValue(input.Node, out var inner))
                collected.UnionWith(inner);
            else
                collected.Add(input.Node);
        }
        return collected;
    }

    private static Tensor[]? StaticShape(Node node, IReadOnlyDictionary<string, TensorShape[]> inferred)
    {
        if (node.Op is not ("Shape" or "ShapeN" or "Rank" or "Size"))
            return null;
        TensorShape[] inputs = [.. node.DataInputs.Select(input => inferred.TryGetValue(input.Node, out var known) && input.Port < known.Length && input.Port >= 0 ? known[input.Port] : TensorShape.Unknown)];
        DataType type = node.TypeAttribute("out_type") ?? DataType.Int32;
        if (node.Op == "Rank")
            return inputs is [{ IsUnknownRank: false }] ? [Integer(DataType.Int32, inputs[0].Rank)] : null;
        if (inputs.Length == 0 || !inputs.All(shape => shape.IsFullyKnown))
            return null;
        return node.Op == "Size" ? [Integer(type, inputs[0].ElementCount)] : [.. inputs.Select(shape => Vector(type, shape))];
    }

    private static Tensor Integer(DataType type, long value) =>
        type == DataType.Int64 ? Tensor.Create<long>(type, TensorShape.Scalar, [value]) : Tensor.Create<int>(DataType.Int32, TensorShape.Scalar, [checked((int)value)]);

    private static Tensor Vector(DataType type, TensorShape shape) => type == DataType.Int64
        ? Tensor.Create<long>(type, TensorShape.Of(shape.Rank), shape.Dimensions.AsSpan())
        : Tensor.Create<int>(DataType.Int32, TensorShape.Of(shape.Rank), [.. shape.Dimensions.Select(dimension => checked((int)dimension))]);
}
