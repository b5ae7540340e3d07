using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes movements of elements.</summary>
internal static partial class Movement
{
    private static readonly long[] ChannelsFirstAxes = [0, 2, 3, 1];

    [Writes("Transpose")]
    public static void WriteTranspose(NodeWriter node)
    {
        long[] order = node.RequireKnown(1);
        WrittenValue value = node.Value(0);
        if (value[Layout.ChannelsFirst] is { } first && order.SequenceEqual([0L, 3, 1, 2]))
            node.Set(first);
        else if (order.SequenceEqual([0L, 2, 3, 1]) && value.Native == Layout.Original && value.Info.Rank == 4)
            node.Set(value.Operand, Layout.ChannelsFirst);
        else
            node.Set(node.Transpose(node[0], order));
    }

    [Writes("ConcatV2", "Concat")]
    public static void WriteConcat(NodeWriter node)
    {
        int axisSlot = node.Op == "Concat" ? 0 : node.Count - 1;
        long axis = node.RequireKnown(axisSlot)[0];
        int[] slots = [.. Enumerable.Range(0, node.Count).Where(slot => slot != axisSlot)];
        bool areImages = Array.TrueForAll(slots, slot => node.Value(slot).Native == Layout.ChannelsFirst);
        Layout layout = areImages ? Layout.ChannelsFirst : Layout.Original;
        long place = areImages ? ChannelsFirstAxes[axis < 0 ? axis + 4 : axis] : axis;
        if (slots.Length == 1)
            node.Set(node.Value(slots[0]));
        else
            node.Set(node.Emit("Concat", [.. slots.Select(slot => node.Read(slot, layout))], ("axis", place)), layout);
    }

    [Writes("Pack")]
    public static void WritePack(NodeWriter node)
    {
        long axis = node.Integer("axis", 0);
        Operand[] parts = [.. Enumerable.Range(0, node.Count).Select(i => node.Unsqueeze(node[i], axis))];
        node.Set(parts.Length == 1 ? parts[0] : node.Emit("Concat", parts, ("axis", axis)));
    }

    [Writes("Unpack")]
    public static void WriteUnpack(NodeWriter node)
    {
        int count = (int)node.Integer("num");
        long axis = node.Integer("axis", 0);
        Operand[] parts = Split(node, node[0], count, axis);
        for (int i = 0; i < count; i++)
            node.Set(node.Squeeze(parts[i], axis), port: i);
    }

    private static Operand[] Split(NodeWriter node, Operand data, int count, long axis)
    {
        if (count == 1)
            return [data];
        return node.Opset >= 18
            ? node.EmitAll("Split", [data], count, ("axis", axis), ("num_outputs", (long)count))
            : node.EmitAll("Split", [data], count, ("axis", axis));
    }

    [Writes("Split")]
    public static void WriteSplit(NodeWriter node)
    {
        int count = (int)node.Integer("num_split");
        Operand[] parts = Split(node, node[1], count, node.RequireKnown(0)[0]);
        for (int i = 0; i < count; i++)
            node.Set(parts[i], port: i);
    }

    [Writes("SplitV")]
    public static void WriteSplitV(NodeWriter node)
    {
        int count = (int)node.Integer("num_split");
        long axis = node.RequireKnown(2)[0];
        long[]? sizes = node.Known(1);
        if (sizes is not null && sizes.Contains(-1))
        {
            long dimension = node.Info(0).Shape[NodeWriter.Axis(axis, node.Rank(0))];
            sizes = dimension >= 0 ? [.. sizes.Select(size => size < 0 ? dimension - sizes.Where(each => each >= 0).Sum() : size)] : throw OnnxDiagnostics.Decline("a part of unknown size");
        }
        Operand[] parts = count == 1 ? [node[0]] : node.EmitAll("Split", [node[0], sizes is null ? node.Cast(node[1], DataType.Int64) : node.Longs(sizes)], count, ("axis", axis));
        for (int i = 0; i < count; i++)
            node.Set(parts[i], port: i);
    }

    [Writes("Slice")]
    public static void WriteSlice(NodeWriter node)
    {
        int rank = node.Rank(0);
        Operand begin = node.Cast(node[1], DataType.Int64);
        Operand size = node.Cast(node[2], DataType.Int64);
        if (node.Known(1) is { } starts && node.Known(2) is { } sizes)
        {
            node.Set(node.Emit("Slice", [node[0], node.Longs(starts), node.Longs([.. starts.Zip(sizes, (start, count) => count < 0 ? long.MaxValue : start + count)])]));
            return;
        }
        Operand end = node.Emit("Add", [begin, size]);
        Operand open = node.Emit("Where", [node.Emit("Less", [size, node.Long(0)]), node.Longs([.. Enumerable.Repeat(long.MaxValue, rank)]), end]);
        node.Set(node.Emit("Slice", [node[0], begin, open]));
    }

    /// <summary>Ellipsis, new axes and single indices are told apart by the masks; bounds that are computed stay so.</summary>
    [Writes("StridedSlice", Declines = "steps that are computed")]
    public static void WriteStridedSlice(NodeWriter node)
    {
        int rank = node.Rank(0);
        int entries = node.Info(1).Shape is { Rank: 1 } list && list[0] >= 0 ? (int)list[0] : throw OnnxDiagnostics.Decline("the number of its entries is not known");
        SliceEntry[] entry = SliceEntry.Of(node, rank, entries);
        var sliced = entry.Where(each => each.Axis >= 0 && !each.IsWhole).ToArray();
        Operand data = node[0];
        if (sliced.Length > 0)
        {
            Operand starts = SliceEntry.Bounds(node, sliced, isEnd: false);
            Operand ends = SliceEntry.Bounds(node, sliced, isEnd: true);
            Operand axes = node.Longs([.. sliced.Select(each => (long)each.Axis)]);
            bool hasSteps = Array.Exists(sliced, each => each.Step != 1);
            data = node.Emit("Slice", hasSteps ? [data, starts, ends, axes, node.Longs([.. sliced.Select(each => each.Step)])] : [data, starts, ends, axes]);
        }
        data = node.Squeeze(data, [.. entry.Where(each => each.IsIndex).Select(each => (long)each.Axis)]);
        long[] added = SliceEntry.NewAxes(entry, rank);
        node.Set(added.Length > 0 ? node.Unsqueeze(data, added) : data);
    }

    [Writes("Tile")]
    public static void WriteTile(NodeWriter node) => node.Set(node.Emit("Tile", [node[0], node.Cast(node[1], DataType.Int64)]));

    [Writes("BroadcastTo")]
    public static void WriteBroadcastTo(NodeWriter node) => node.Set(node.Emit("Expand", [node[0], node.Cast(node[1], DataType.Int64)]));

    [Writes("Pad", "PadV2", "MirrorPad", Declines = "mode SYMMETRIC of unknown sizes")]
    public static void WritePad(NodeWriter node)
    {
        if (node.Op == "MirrorPad" && node.Text("mode") == "SYMMETRIC")
        {
            WriteSymmetricPad(node);
            return;
        }
        string mode = node.Op == "MirrorPad" ? "reflect" : "constant";
        if (node.Known(1) is not { } pairs)
        {
            Operand list = node.Reshape(node.Transpose(node.Cast(node[1], DataType.Int64), 1, 0), -1);
            node.Set(node.Emit("Pad", node.Count > 2 ? [node[0], list, node[2]] : [node[0], list], ("mode", mode)));
            return;
        }
        int rank = pairs.Length / 2;
        Layout layout = node.Value(0).Native;
        int[] order = layout == Layout.ChannelsFirst && rank == 4 ? [0, 3, 1, 2] : [.. Enumerable.Range(0, rank)];
        long[] pads = [.. order.Select(axis => pairs[2 * axis]), .. order.Select(axis => pairs[(2 * axis) + 1])];
        Operand data = node.Read(0, layout);
        node.Set(node.Emit("Pad", node.Count > 2 ? [data, node.Longs(pads), node[2]] : [data, node.Longs(pads)], ("mode", mode)), layout);
    }

    /// <summary>Elements are gathered along each padded axis, the border ones twice.</summary>
    private static void WriteSymmetricPad(NodeWriter node)
    {
        long[] pairs = node.RequireKnown(1);
        Operand data = node[0];
        TensorShape shape = data.Info.Shape;
        for (int axis = 0; axis < pairs.Length / 2; axis++)
        {
            var (before, after) = (pairs[2 * axis], pairs[(2 * axis) + 1]);
            if (before == 0 && after == 0)
                continue;
            long size = shape.Rank == pairs.Length / 2 && shape[axis] > 0 ? shape[axis] : throw OnnxDiagnostics.Decline("mode SYMMETRIC along an axis of unknown size");
            if (before > size || after > size)
                throw OnnxDiagnostics.Decline($"padding of {before} and {after} around {size} elements");
            long[] places = [.. Enumerable.Range(0, checked((int)(before + size + after))).Select(i => i - before).Select(i => i < 0 ? -1 - i : i < size ? i : (2 * size) - 1 - i)];
            data = node.Emit("Gather", [data, node.Longs(places)], ("axis", (long)axis));
        }
        node.Set(data);
    }

    /// <summary>Each axis is cut in two parts that change places.</summary>
    [Writes("Roll", Declines = "shifts that are computed, axes of unknown size")]
    public static void WriteRoll(NodeWriter node)
    {
        Operand data = node[0];
        foreach (var (shift, axis) in node.RequireKnown(1).Zip(node.RequireKnown(2)))
        {
            int place = NodeWriter.Axis(axis, node.Rank(0));
            long size = data.Info.Shape[place] is >= 0 and var known ? known : throw OnnxDiagnostics.Decline("an axis of unknown size");
            long cut = size == 0 ? 0 : (((-shift % size) + size) % size);
            if (cut != 0)
                data = node.Emit("Concat", [node.Slice(data, cut, size, place), node.Slice(data, 0, cut, place)], ("axis", (long)place));
        }
        node.Set(data);
    }

    [Writes("ReverseV2")]
    public static void WriteReverse(NodeWriter node)
    {
        long[] axes = node.RequireKnown(1);
        node.Set(node.Emit("Slice", [node[0], node.Longs([.. axes.Select(_ => -1L)]), node.Longs([.. axes.Select(_ => long.MinValue)]), node.Longs(axes), node.Longs([.. axes.Select(_ => -1L)])]));
    }

    [Writes("ReverseSequence")]
    public static void WriteReverseSequence(NodeWriter node)
    {
        long time = node.Integer("seq_dim");
        long batch = node.Integer("batch_dim", 0);
        if (time + batch != 1)
            throw OnnxDiagnostics.Decline("other dimensions than the first two");
        node.Set(node.Emit("ReverseSequence", [node[0], node.Cast(node[1], DataType.Int64)], ("time_axis", time), ("batch_axis", batch)));
    }

    [Writes("DepthToSpace", "SpaceToDepth")]
    public static void WriteDepth(NodeWriter node)
    {
        bool isFirst = node.Text("data_format", "NHWC") == "NCHW";
        Layout layout = isFirst ? Layout.Original : Layout.ChannelsFirst;
        node.Set(node.Emit(node.Op, [node.Read(0, layout)], ("blocksize", node.Integer("block_size"))), layout);
    }

    /// <summary>Pads, then takes the block out of the spatial dimensions into the batch.</summary>
    [Writes("SpaceToBatchND", Declines = "images of unknown rank")]
    public static void WriteSpaceToBatch(NodeWriter node)
    {
        long[] block = node.RequireKnown(1);
        long[] pads = node.RequireKnown(2);
        int rank = node.Rank(0);
        int count = block.Length;
        Operand data = node[0];
        if (Array.Exists(pads, pad => pad != 0))
        {
            long[] before = [0, .. Enumerable.Range(0, count).Select(i => pads[2 * i]), .. new long[rank - 1 - count]];
            long[] after = [0, .. Enumerable.Range(0, count).Select(i => pads[(2 * i) + 1]), .. new long[rank - 1 - count]];
            data = node.Emit("Pad", [data, node.Longs([.. before, .. after])], ("mode", "constant"));
        }
        Operand shape = node.Emit("Shape", [data]);
        Operand At(int axis) => node.Slice(shape, axis, axis + 1, 0);
        var split = new List<Operand> { At(0) };
        for (int i = 0; i < count; i++)
        {
            split.Add(node.Emit("Div", [At(i + 1), node.Longs(block[i])]));
            split.Add(node.Longs(block[i]));
        }
        for (int axis = count + 1; axis < rank; axis++)
            split.Add(At(axis));
        Operand parts = node.Emit("Reshape", [data, node.Emit("Concat", split, ("axis", 0L))]);
        long[] order = [.. Enumerable.Range(0, count).Select(i => (2L * i) + 2), 0, .. Enumerable.Range(0, count).Select(i => (2L * i) + 1), .. Enumerable.Range(0, rank - 1 - count).Select(i => (long)i + 1 + (2 * count))];
        Operand moved = node.Transpose(parts, order);
        long product = block.Aggregate(1L, (all, each) => all * each);
        var joined = new List<Operand> { node.Emit("Mul", [At(0), node.Longs(product)]) };
        for (int i = 0; i < count; i++)
            joined.Add(node.Emit("Div", [At(i + 1), node.Longs(block[i])]));
        for (int axis = count + 1; axis < rank; axis++)
            joined.Add(At(axis));
        node.Set(node.Emit("Reshape", [moved, node.Emit("Concat", joined, ("axis", 0L))]));
    }

    /// <summary>A convolution between the two is one with dilations; alone it moves the block from the batch into the image and cuts.</summary>
    [Writes("BatchToSpaceND", Declines = "images of unknown rank")]
    public static void WriteBatchToSpace(NodeWriter node)
    {
        long[] block = node.RequireKnown(1);
        long[] crops = node.RequireKnown(2);
        if (AtrousConvolution.TryWrite(node, block, crops))
            return;
        int rank = node.Rank(0);
        int count = block.Length;
        Operand data = node[0];
        Operand shape = node.Emit("Shape", [data]);
        Operand At(int axis) => node.Slice(shape, axis, axis + 1, 0);
        long product = block.Aggregate(1L, (all, each) => all * each);
        Operand batch = node.Emit("Div", [At(0), node.Longs(product)]);
        Operand[] rest = [.. Enumerable.Range(1, rank - 1).Select(At)];
        Operand parts = node.Emit("Reshape", [data, node.Emit("Concat", [node.Longs(block), batch, .. rest], ("axis", 0L))]);
        long[] order = [count, .. Enumerable.Range(0, count).SelectMany(i => new[] { count + 1L + i, (long)i }), .. Enumerable.Range(0, rank - 1 - count).Select(i => (long)i + 1 + (2 * count))];
        Operand moved = node.Transpose(parts, order);
        Operand[] joined = [batch, .. Enumerable.Range(0, count).Select(i => node.Emit("Mul", [At(i + 1), node.Longs(block[i])])), .. Enumerable.Range(count + 1, rank - 1 - count).Select(At)];
        Operand image = node.Emit("Reshape", [moved, node.Emit("Concat", joined, ("axis", 0L))]);
        if (Array.Exists(crops, crop => crop != 0))
        {
            long[] starts = [.. Enumerable.Range(0, count).Select(i => crops[2 * i])];
            long[] ends = [.. Enumerable.Range(0, count).Select(i => crops[(2 * i) + 1] == 0 ? long.MaxValue : -crops[(2 * i) + 1])];
            image = node.Emit("Slice", [image, node.Longs(starts), node.Longs(ends), node.Longs([.. Enumerable.Range(1, count).Select(axis => (long)axis)])]);
        }
        node.Set(image);
    }
}
