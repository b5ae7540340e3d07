using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>A convolution or matrix product with what is fused into it: biases, a residual, an activation.</summary>
/// <param name="Op">The convolution or product.</param>
/// <param name="Bias">One value for each output channel.</param>
/// <param name="Members">The nodes that one quantized op replaces, in order.</param>
internal sealed record FusedLayer(WeightedLayer Op, ImmutableArray<float> Bias, ImmutableArray<Node> Members)
{
    /// <summary>The node whose result is the layer's.</summary>
    public Node Tail => Members[^1];

    /// <summary>The tensor that goes in.</summary>
    public NodeInput Data => Op.Node.Inputs[Op.DataInput];

    /// <summary>True when negative results become 0.</summary>
    public bool HasRelu => IsActivation(Tail);

    /// <summary>The quantized tensor that is added before the activation, or null.</summary>
    public NodeInput? Residual { get; private init; }

    public bool IsDepthwise => Op.Node.Op == "DepthwiseConv2dNative";

    public bool IsMatMul => Op.Node.Op == "MatMul";

    /// <summary>The layer that begins at a node; null when it has no integer op.</summary>
    public static FusedLayer? Of(Graph graph, Node node, ConstantValues constants, TransformContext context, out Decline? decline)
    {
        string? reason = Unsupported(node);
        WeightedLayer? op = reason is null ? WeightedLayer.Of(node, constants, out reason) : null;
        if (op is not null && op.Weights.AsSpan<float>().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            reason = "its weights hold NaN or infinite elements";
        decline = reason is null ? null : new(reason, node);
        return decline is null ? Extended(graph, op!, constants, context) : null;
    }

    /// <summary>The layer with a sum of its result and another tensor, and the activation after it.</summary>
    public FusedLayer WithResidual(Node sum, Node activation) =>
        this with { Residual = sum.Inputs[sum.Inputs[0].Node == Tail.Name ? 1 : 0], Members = [.. Members, sum, activation] };

    /// <summary>The layer that leaves its activation to a node of its own.</summary>
    public FusedLayer WithoutActivation() => HasRelu && Residual is null ? this with { Members = Members[..^1] } : this;

    /// <summary>True for activations that a quantized result from 0 on makes by itself.</summary>
    public static bool IsActivation(Node node) => node.Op is "Relu" or "Relu6";

    private static string? Unsupported(Node node)
    {
        if (node.Op is "Conv3D" or "Conv2DBackpropInput")
            return $"{node.Op} has no integer op";
        if (node.String("data_format", "NHWC") is "NCHW" or "NCHW_VECT_C")
            return "its data format is NCHW, the integer op has NHWC only";
        if (node.String("padding", "") == "EXPLICIT")
            return "its padding is EXPLICIT; the integer op has SAME and VALID only";
        return node.Bool("transpose_a", false) ? "it transposes its data" : null;
    }

    private static FusedLayer Extended(Graph graph, WeightedLayer op, ConstantValues constants, TransformContext context)
    {
        float[] bias = new float[op.OutputChannels];
        var members = ImmutableArray.Create(op.Node);
        while (!context.IsOutput(members[^1]) && graph.ConsumersOf(members[^1]) is [{ Node: var reader, Input: var input }] && !reader.Inputs[input].IsControl && reader.Inputs[input].Port == 0)
        {
            if (IsActivation(reader))
                return new(op, [.. bias], members.Add(reader));
            if (ChannelBias.Of(reader, op, constants) is not { } added || added.Input == input || !added.Values.All(float.IsFinite))
                break;
            for (int i = 0; i < bias.Length; i++)
                bias[i] += added.Values[i];
            members = members.Add(reader);
        }
        return new(op, [.. bias], members);
    }
}
