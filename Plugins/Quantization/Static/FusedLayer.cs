using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>A convolution or product with what is fused into it: biases, a sum, an activation.</summary>
internal sealed class FusedLayer
{
    private FusedLayer(WeightedLayer op)
    {
        Op = op;
        Bias = new float[op.OutputChannels];
        Members = [op.Node];
    }

    public WeightedLayer Op { get; }

    /// <summary>One number for each output channel.</summary>
    public float[] Bias { get; }

    /// <summary>The nodes that the group replaces, in order.</summary>
    public List<Node> Members { get; private set; }

    /// <summary>The node whose result is the group's.</summary>
    public Node Tail => Members[^1];

    /// <summary>The tensor that goes in.</summary>
    public NodeInput Data => Op.Node.Inputs[Op.DataInput];

    /// <summary>True when negative results become 0.</summary>
    public bool HasRelu { get; private set; }

    /// <summary>Codes that are added before the activation, or null.</summary>
    public NodeInput? Summand { get; private set; }

    public bool IsDepthwise => Op.Node.Op == "DepthwiseConv2dNative";

    /// <summary>The group that begins at a node; null with the reason why it has no integer form.</summary>
    public static FusedLayer? Of(Graph graph, Node node, ConstantValues constants, TransformContext context, out string? reason)
    {
        reason = DeclineOf(node);
        if (reason is not null || WeightedLayer.Of(node, constants, out reason) is not { } op)
            return null;
        if (op.Weights.AsSpan<float>().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
        {
            reason = "its weights hold NaN or infinite elements";
            return null;
        }
        var group = new FusedLayer(op);
        group.Extend(graph, constants, context);
        return group;
    }

    /// <summary>Adds a sum with another tensor and the activation after it.</summary>
    public void AddSum(Node sum, Node activation)
    {
        Summand = sum.Inputs[new NodeInput(sum.Inputs[0].Text).Node == Tail.Name ? 1 : 0];
        Members.AddRange([sum, activation]);
        HasRelu = true;
    }

    /// <summary>Leaves the activation to a node of its own.</summary>
    public void DropActivation()
    {
        if (!HasRelu || Summand is not null)
            return;
        Members = [.. Members.TakeWhile(member => !IsActivation(member))];
        HasRelu = false;
    }

    /// <summary>True for activations that codes from zero on make by themselves.</summary>
    public static bool IsActivation(Node node) => node.Op is "Relu" or "Relu6";

    private static string? DeclineOf(Node node)
    {
        if (node.Op is "Conv3D" or "Conv2DBackpropInput")
            return $"{node.Op} has no integer form";
        if (Text(node, "data_format") is "NCHW" or "NCHW_VECT_C")
            return "its data format is NCHW, the integer form has NHWC only";
        if (Text(node, "padding") == "EXPLICIT")
            return "its padding is EXPLICIT; the integer form has SAME and VALID only";
        return node.Attributes.TryGetValue("transpose_a", out var transposed) && transposed is BoolValue { Value: true } ? "it transposes its data" : null;
    }

    private static string? Text(Node node, string attribute) => node.Attributes.TryGetValue(attribute, out var value) && value is BytesValue bytes ? bytes.Text : null;

    private void Extend(Graph graph, ConstantValues constants, TransformContext context)
    {
        while (!context.IsOutput(Tail) && graph.ConsumersOf(Tail) is [{ Node: var reader, Input: var input }] && !reader.Inputs[input].IsControl && reader.Inputs[input].Port == 0)
        {
            if (IsActivation(reader))
            {
                HasRelu = true;
                Members.Add(reader);
                return;
            }
            if (ChannelBias.Of(reader, Op, constants) is not { } bias || bias.Input == input || !bias.Values.All(float.IsFinite))
                return;
            for (int i = 0; i < Bias.Length; i++)
                Bias[i] += bias.Values[i];
            Members.Add(reader);
        }
    }
}
