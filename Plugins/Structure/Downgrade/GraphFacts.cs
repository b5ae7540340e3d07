using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Downgrade;

/// <summary>What rewrites ask about a graph: types, shapes, constants and loop frames of its tensors. Worked out when first asked for.</summary>
internal sealed class GraphFacts(Graph graph, TransformContext context)
{
    private readonly Lazy<IReadOnlyDictionary<string, TensorShape[]>> shapes = new(() => InferredShapes.Of(graph, context));
    private readonly Lazy<ConstantValues> constants = new(() => new(graph, context));
    private readonly Lazy<Dictionary<string, string>> frames = new(() => LoopFrames.Of(graph, out _));

    public Graph Graph => graph;

    /// <summary>The type of a tensor, or Invalid when its producer's op is not known.</summary>
    public DataType TypeOf(NodeInput input)
    {
        if (graph.Find(input.Node) is not { } node || (graph.Functions.Find(node.Op)?.Signature ?? OpTable.Find(node.Op)) is not { } definition)
            return DataType.Invalid;
        var types = OpTypes.OutputTypes(node, definition);
        return input.Port >= 0 && input.Port < types.Length ? types[input.Port].Base() : DataType.Invalid;
    }

    /// <summary>The shape of a tensor as far as it is known.</summary>
    public TensorShape ShapeOf(NodeInput input)
    {
        if (Constant(input) is { } constant)
            return constant.Shape;
        return shapes.Value.TryGetValue(input.Node, out var known) && input.Port >= 0 && input.Port < known.Length ? known[input.Port] : TensorShape.Unknown;
    }

    /// <summary>The value of a tensor that is the same in every run, or null when it is not, or cannot be computed.</summary>
    public Tensor? Constant(NodeInput input)
    {
        if (graph.Find(input.Node) is { Op: "Const" } node)
            return node.TensorAttribute("value") is { IsDecodable: true } value ? value : null;
        return context.Backend is null ? null : constants.Value.Find(input);
    }

    /// <summary>True when a node runs in a loop, where constants need a control input from the loop.</summary>
    public bool IsInLoop(string node) => frames.Value.GetValueOrDefault(node) is { Length: > 0 };
}
