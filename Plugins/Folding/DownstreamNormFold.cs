using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>
/// Folds a norm into the convolution or matrix product after it: scales the weights' input channels; the offset is added after the op, which is exact only where
/// no zeros are added at the borders.
/// </summary>
internal sealed class DownstreamNormFold(Graph graph, ChannelNorm norm, ConstantValues constants, TransformContext context)
{
    private bool pads;

    /// <summary>The folded graph; null with the reason when it cannot be folded.</summary>
    public Graph? Fold(out string? reason)
    {
        if (Anchor(out reason) is not { } anchor || WeightedLayer.Of(anchor, constants, out reason) is not { } op)
            return null;
        int given = Math.Max(norm.Scale.Values.Length, norm.Offset?.Values.Length ?? 0);
        int channels = op.Takes(given) ? given : op.InputChannels;
        float[]? offset = norm.Offset?.Along(op.Layout, channels);
        if (norm.Scale.Along(op.Layout, channels) is not { } scale || (norm.Offset is not null && offset is null))
        {
            reason = $"its constants are not one for each of the {channels} input channels of '{anchor.Name}'";
            return null;
        }
        if (offset is not null && Array.TrueForAll(offset, value => value == 0))
            offset = null;
        if (offset is not null && (pads || !op.IsUnpadded))
        {
            reason = $"its offset would not reach the zeros that are added at the borders of '{anchor.Name}'";
            return null;
        }
        var edit = new InPlaceEdit(graph, context);
        edit.ReplaceConstant(anchor, WeightedLayer.WeightsInput, op.ScaledInputs(scale), "_folded");
        Consumer reader = graph.ConsumersOf(norm.Head)[0];
        edit.Redirect(reader.Node, reader.Input, norm.Data);
        edit.Change(reader.Node, node => node with { Inputs = [.. node.Inputs, .. norm.Head.ControlInputs.Except(node.Inputs)] });
        edit.Remove(norm.Head);
        if (offset is not null)
            AddOffsets(edit, op, op.OutputsOf(offset));
        return edit.Apply();
    }

    /// <summary>The only op that reads the norm, through nodes that keep its channels.</summary>
    private Node? Anchor(out string? reason)
    {
        Node node = norm.Head;
        while (true)
        {
            var readers = graph.ConsumersOf(node);
            reason = context.IsOutput(node) ? $"'{node.Name}' is itself an output"
                : readers.Length != 1 ? $"'{node.Name}' has {readers.Length} readers"
                : readers[0].Node.Inputs[readers[0].Input] is { Port: not 0 } ? $"'{readers[0].Node.Name}' reads another output of '{node.Name}'"
                : null;
            if (reason is not null)
                return null;
            var (reader, input) = readers[0];
            if (WeightedLayer.IsOne(reader) && input == (reader.Op == "Conv2DBackpropInput" ? 2 : 0))
                return reader;
            if (input != 0 || !IsPassed(reader))
            {
                reason = $"it is read by '{reader.Name}' ({reader.Op})";
                return null;
            }
            node = reader;
        }
    }

    private bool IsPassed(Node reader)
    {
        if (reader.Op is "Identity" or "MirrorPad")
            return true;
        if (reader.Op is not ("Pad" or "SpaceToBatchND"))
            return false;
        NodeInput paddings = reader.Inputs[reader.Op == "Pad" ? 1 : 2];
        pads |= constants.Find(paddings) is not { } value || value.Bytes.Span.ContainsAnyExcept((byte)0);
        return true;
    }

    private static void AddOffsets(InPlaceEdit edit, WeightedLayer op, float[] values)
    {
        Node anchor = op.Node;
        string inner = edit.FreeName(anchor.Name + "/unbiased");
        string constant = edit.FreeName(anchor.Name + "/offset");
        Node moved = edit.Current(anchor) with { Name = inner };
        edit.InsertBefore(anchor, moved);
        edit.InsertBefore(anchor, ChannelBiasAdd.Constant(constant, values, op.Layout));
        edit.Change(anchor, _ => ChannelBiasAdd.Node(anchor.Name, inner, constant, op.Layout) with { Device = anchor.Device });
    }
}
