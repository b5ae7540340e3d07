using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>Folds a norm into the convolution or matrix product before it: scales the weights' output channels and every bias on the way.</summary>
internal sealed class UpstreamNormFold(Graph graph, ChannelNorm norm, ConstantValues constants, TransformContext context)
{
    private readonly List<Node> way = [];

    /// <summary>The folded graph; null with the reason when it cannot be folded.</summary>
    public Graph? Fold(out string? reason)
    {
        if (Anchor(out reason) is not { } anchor || WeightedLayer.Of(anchor, constants, out reason) is not { } op)
            return null;
        int channels = op.OutputChannels;
        if (norm.Scale.Along(op.Layout, channels) is not { } scale || (norm.Offset is { } shift && shift.Along(op.Layout, channels) is null))
        {
            reason = $"its constants are not one for each of the {channels} channels of '{anchor.Name}'";
            return null;
        }
        var biases = way.Where(IsBias).Select(node => (Node: node, Values: Bias(node, op.Layout, channels))).ToList();
        if (biases.FirstOrDefault(bias => bias.Values is null) is { Node: { } other })
        {
            reason = $"the constant that '{other.Name}' adds is not one for each of the {channels} channels of '{anchor.Name}'";
            return null;
        }
        var edit = new InPlaceEdit(graph, context);
        edit.ReplaceConstant(anchor, WeightedLayer.WeightsInput, op.ScaledOutputs(scale), "_folded");
        foreach (var (node, values) in biases)
            ScaleBias(edit, op.Layout, node, [.. values!.Zip(scale, (value, factor) => value * factor)]);
        Finish(edit, op.Layout, norm.Offset?.Along(op.Layout, channels));
        return edit.Apply();
    }

    /// <summary>The convolution or product that the norm's data comes from, through nodes that keep its channels; notes the way.</summary>
    private Node? Anchor(out string? reason)
    {
        NodeInput input = norm.Data;
        while (true)
        {
            if (input.Port != 0 || graph.Find(input.Node) is not { } node)
            {
                reason = $"its data is '{input}', not the first output of a node";
                return null;
            }
            reason = !WeightedLayer.IsOne(node) && !IsPassed(node) ? $"its data comes from '{node.Name}' ({node.Op})"
                : graph.ConsumersOf(node).Length > 1 ? $"'{node.Name}' is read elsewhere"
                : context.IsOutput(node) ? $"'{node.Name}' is itself an output"
                : null;
            if (reason is not null)
                return null;
            if (WeightedLayer.IsOne(node))
                return node;
            way.Add(node);
            input = node.Inputs[DataInput(node)];
        }
    }

    private bool IsPassed(Node node) => node.Op switch
    {
        "Identity" or "Pad" or "MirrorPad" or "BatchToSpaceND" => true,
        _ => IsBias(node),
    };

    private bool IsBias(Node node) => node.Op switch
    {
        "BiasAdd" => constants.FindFloat(node.Inputs[1]) is not null,
        "Add" or "AddV2" => node.DataInputs.Count() == 2 && constants.IsConstant(node.Inputs[0]) != constants.IsConstant(node.Inputs[1]) && constants.FindFloat(node.Inputs[1 - DataInput(node)]) is not null,
        "Sub" => !constants.IsConstant(node.Inputs[0]) && constants.FindFloat(node.Inputs[1]) is not null,
        _ => false,
    };

    private int DataInput(Node node) => node.Op is "Add" or "AddV2" && constants.IsConstant(node.Inputs[0]) ? 1 : 0;

    private float[]? Bias(Node node, ChannelLayout layout, int channels)
    {
        Tensor constant = constants.FindFloat(node.Inputs[1 - DataInput(node)])!;
        return (node.Op == "BiasAdd" ? ChannelVector.Plain(constant) : ChannelVector.Broadcast(constant)).Along(layout, channels);
    }

    private void ScaleBias(InPlaceEdit edit, ChannelLayout layout, Node node, float[] values)
    {
        TensorShape shape = node.Op == "BiasAdd" ? TensorShape.Of(values.Length) : layout.BroadcastShape(values.Length);
        edit.ReplaceConstant(node, 1 - DataInput(node), Tensor.Create<float>(DataType.Float, shape, values), "_folded");
    }

    /// <summary>The node before the norm takes its name, or an addition takes its place.</summary>
    private void Finish(InPlaceEdit edit, ChannelLayout layout, float[]? offset)
    {
        Node head = norm.Head;
        if (offset is not null)
        {
            string name = edit.FreeName(head.Name + "/offset");
            edit.InsertBefore(head, ChannelBiasAdd.Constant(name, offset, layout));
            edit.Change(head, _ => ChannelBiasAdd.Node(head.Name, norm.Data, name, layout) with { Inputs = [norm.Data, name, .. head.ControlInputs], Device = head.Device });
            return;
        }
        Node last = graph.Find(norm.Data.Node)!;
        edit.Change(last, node => node with { Name = head.Name, Inputs = [.. node.Inputs, .. head.ControlInputs.Except(node.Inputs)] });
        edit.Remove(head);
    }
}
