using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Elements moved to other places: transposed, joined, cut, sliced, padded, repeated.</summary>
internal static partial class Movement
{
    /// <summary>Where the axes of an image are when its channels are last.</summary>
    private static readonly int[] LastAxes = [0, 3, 1, 2];

    [Infers("Transpose")]
    public static void InferTranspose(NodeInference node)
    {
        ValueInfo data = node[0];
        long[]? order = node.Integers("perm");
        if (data.Shape.IsUnknownRank)
        {
            node.Set(data.Type, order is null ? TensorShape.Unknown : TensorShape.Of([.. Enumerable.Repeat(-1L, order.Length)]));
            return;
        }
        order ??= [.. Enumerable.Range(0, data.Rank).Select(axis => (long)(data.Rank - 1 - axis))];
        if (order.Length != data.Rank)
            throw OnnxDiagnostics.Mismatch($"{order.Length} dimensions are named for the shape {data.Shape}");
        node.Set(data.Type, TensorShape.Of([.. node.Axes(order, data.Rank).Select(axis => data.Shape[axis])]));
    }

    [Infers("Concat")]
    public static void InferConcat(NodeInference node)
    {
        for (int i = 1; i < node.Count; i++)
            node.RequireSameType(0, i);
        ValueInfo[] parts = [.. Enumerable.Range(0, node.Count).Select(i => node[i])];
        int rank = parts.Max(part => part.Rank);
        if (rank < 0)
        {
            node.Set(parts[0].Type, TensorShape.Unknown);
            return;
        }
        int axis = node.Axis(node.Integer("axis", 0), rank);
        long[] dimensions = [.. Enumerable.Repeat(-1L, rank)];
        dimensions[axis] = parts.All(part => part.Rank >= 0 && part.Shape[axis] >= 0) ? parts.Sum(part => part.Shape[axis]) : -1;
        foreach (ValueInfo part in parts.Where(part => part.Rank >= 0))
        {
            if (part.Rank != rank)
                throw OnnxDiagnostics.Mismatch($"the shapes {string.Join(", ", parts.Select(each => each.Shape))} cannot be joined");
            for (int i = 0; i < rank; i++)
            {
                if (i == axis || part.Shape[i] < 0)
                    continue;
                if (dimensions[i] >= 0 && dimensions[i] != part.Shape[i])
                    throw OnnxDiagnostics.Mismatch($"the shapes {string.Join(", ", parts.Select(each => each.Shape))} cannot be joined along axis {axis}");
                dimensions[i] = part.Shape[i];
            }
        }
        bool isFollowed = rank == 1 && dimensions[0] is >= 0 and < 256 && parts[0].Type is DataType.Int64 or DataType.Int32;
        TensorShape shape = TensorShape.Of(dimensions);
        node.Set(isFollowed ? ValueInfo.OfElements(parts[0].Type, shape, [.. parts.SelectMany(Elements)]) : new(parts[0].Type, shape));
    }

    private static IEnumerable<long?> Elements(ValueInfo info) => info.Elements.IsDefault ? Enumerable.Repeat<long?>(null, (int)info.Shape[0]) : info.Elements;

    [Infers("Split")]
    public static void InferSplit(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        int axis = shape.IsUnknownRank ? 0 : node.Axis(node.Integer("axis", 0), shape.Rank);
        long[]? sizes = node.InputOr(1, "split") ?? (node.Has(1) || shape.IsUnknownRank ? null : EqualParts(shape[axis], node.OutputCount));
        if (sizes is not null && sizes.Length != node.OutputCount)
            throw OnnxDiagnostics.Mismatch($"{sizes.Length} sizes are given for {node.OutputCount} outputs");
        for (int i = 0; i < node.OutputCount; i++)
            node.Set(i, node[0].Type, shape.IsUnknownRank ? shape : With(shape, axis, sizes?[i] ?? -1));
    }

    /// <summary>Sizes of parts of which only the last may be smaller, or null for an unknown total.</summary>
    private static long[]? EqualParts(long total, int count)
    {
        if (total < 0)
            return null;
        long size = (total + count - 1) / count;
        return [.. Enumerable.Range(0, count).Select(i => Math.Max(0, Math.Min(size, total - (i * size))))];
    }

    [Infers("Slice")]
    public static void InferSlice(NodeInference node)
    {
        ValueInfo data = node[0];
        if (data.Shape.IsUnknownRank)
        {
            node.Set(data.Type, data.Shape);
            return;
        }
        bool hasInputs = node.Opset >= 10;
        long[]? starts = hasInputs ? node.Known(1) : node.Integers("starts");
        long[]? ends = hasInputs ? node.Known(2) : node.Integers("ends");
        long[]? axes = hasInputs ? node.Known(3) : node.Integers("axes");
        long[]? steps = hasInputs && node.Has(4) ? node.Known(4) : starts is null ? null : [.. Enumerable.Repeat(1L, starts.Length)];
        if (axes is null && !(hasInputs && node.Has(3)))
            axes = starts is not null ? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)] : null;
        if (axes is null)
        {
            node.Set(data.Type, TensorShape.Of([.. Enumerable.Repeat(-1L, data.Rank)]));
            return;
        }
        int[] along = node.Axes(axes, data.Rank);
        TensorShape shape = data.Shape;
        for (int i = 0; i < along.Length; i++)
        {
            bool isKnown = starts is not null && ends is not null && steps is not null && i < starts.Length && i < ends.Length && i < steps.Length && data.Shape[along[i]] >= 0;
            shape = With(shape, along[i], isKnown ? Bounded(starts![i], ends![i], steps![i], data.Shape[along[i]]).Count : -1);
        }
        bool isFollowed = data.Rank == 1 && !data.Elements.IsDefault && shape.IsFullyKnown;
        node.Set(isFollowed ? ValueInfo.OfElements(data.Type, shape, [.. Indices(starts![0], ends![0], steps![0], data.Shape[0]).Select(i => data.Elements[(int)i])]) : new(data.Type, shape));
    }

    private static (long Start, long Count) Bounded(long start, long end, long step, long dimension)
    {
        if (step == 0)
            throw OnnxDiagnostics.Broken("a slice has the step 0");
        start = Math.Clamp(start < 0 ? start + dimension : start, step < 0 ? -1 : 0, Math.Max(step < 0 ? -1 : 0, step < 0 ? dimension - 1 : dimension));
        end = Math.Clamp(end < 0 ? end + dimension : end, step < 0 ? -1 : 0, dimension);
        UInt128 distance = (UInt128)(Int128)Math.Max(0, step > 0 ? end - start : start - end);
        UInt128 stride = (UInt128)Int128.Abs(step);
        return (start, (long)((distance + stride - 1) / stride));
    }

    private static IEnumerable<long> Indices(long start, long end, long step, long dimension)
    {
        var (from, count) = Bounded(start, end, step, dimension);
        for (long i = 0; i < count; i++)
            yield return from + (i * step);
    }

    [Infers("Expand")]
    public static void InferExpand(NodeInference node)
    {
        ImmutableArray<long?> target = node[1].Elements;
        bool isKnown = !target.IsDefault && !node[0].Shape.IsUnknownRank;
        node.Set(node[0].Type, isKnown ? node.Broadcast(node[0].Shape, TensorShape.Of([.. target.Select(dimension => dimension ?? -1)])) : TensorShape.Unknown);
    }

    [Infers("Tile")]
    public static void InferTile(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        long[]? repeats = node.Known(1);
        if (shape.IsUnknownRank || repeats is null)
            node.Set(node[0].Type, shape.IsUnknownRank ? shape : TensorShape.Of([.. Enumerable.Repeat(-1L, shape.Rank)]));
        else if (repeats.Length != shape.Rank)
            throw OnnxDiagnostics.Mismatch($"{repeats.Length} repeats are given for the shape {shape}");
        else
            node.Set(node[0].Type, TensorShape.Of([.. shape.Dimensions.Zip(repeats, (dimension, count) => dimension < 0 ? -1 : checked(dimension * count))]));
    }

    [Infers("DepthToSpace", "SpaceToDepth")]
    public static void InferDepth(NodeInference node)
    {
        node.RequireRank(0, 4);
        TensorShape shape = node[0].Shape;
        long block = node.Integer("blocksize", 1);
        if (block <= 0)
            throw OnnxDiagnostics.Mismatch($"the block size is {block}");
        bool toSpace = node.Op == "DepthToSpace";
        node.Set(node[0].Type, shape.IsUnknownRank
            ? TensorShape.Of(-1, -1, -1, -1)
            : TensorShape.Of(shape[0], Scaled(shape[1], block * block, !toSpace), Scaled(shape[2], block, toSpace), Scaled(shape[3], block, toSpace)));
    }

    private static long Scaled(long dimension, long factor, bool grows) => dimension < 0 ? -1 : grows ? checked(dimension * factor) : dimension / factor;

    [Infers("ReverseSequence", "Trilu")]
    public static void InferSame(NodeInference node) => node.Set(node[0].Type, node[0].Shape);

    [Reads("Transpose")]
    public static void ReadTranspose(NodeReader node)
    {
        long[] order = node.Integers("perm") ?? [.. Enumerable.Range(0, node.Rank(0)).Select(axis => (long)(node.Rank(0) - 1 - axis))];
        if (node.Value(0).LastValue is { } image && order.SequenceEqual([0L, 2, 3, 1]))
            node.Set(0, image);
        else if (order.SequenceEqual([0L, 3, 1, 2]) && !node.Value(0).IsLast)
            node.Set(0, ImageLayout.Restored(node.Scope.Emitter, node.Name, node.Output(0)!, node.Value(0)));
        else
            node.Result("Transpose", [node[0], node.Ints(order)]);
    }

    [Reads("Concat")]
    public static void ReadConcat(NodeReader node)
    {
        if (node.Count == 1)
            node.Set(0, node.Value(0));
        else if (Enumerable.Range(0, node.Count).All(i => node.Value(i).IsLast))
            node.ResultLast("ConcatV2", [.. Enumerable.Range(0, node.Count).Select(node.Last), node.Int(LastAxes[NodeReader.Axis(node.Integer("axis", 0), 4)])]);
        else
            node.Result("ConcatV2", [.. node.All, node.Int(node.Integer("axis", 0))]);
    }

    [Reads("Split")]
    public static void ReadSplit(NodeReader node)
    {
        int count = node.Node.Outputs.Count;
        long axis = node.Integer("axis", 0);
        if (node.Has(1) && node.Known(1) is null)
        {
            node.Results("SplitV", [node[0], node[1], node.Int(axis)], ("num_split", count));
            return;
        }
        long[]? sizes = node.InputOr(1, "split");
        if (sizes is null && node.Info(0).Rank >= 0)
            sizes = EqualParts(node.Info(0).Shape[NodeReader.Axis(axis, node.Rank(0))], count);
        if (count == 1)
            node.Set(0, node.Value(0));
        else if (sizes is null || sizes.Distinct().Count() == 1)
            node.Results("Split", [node.Int(axis), node[0]], ("num_split", count));
        else
            node.Results("SplitV", [node[0], node.Ints(sizes), node.Int(axis)], ("num_split", count));
    }

    /// <summary>Starts and ends beyond the ends are cut off there, as a strided slice does it.</summary>
    [Reads("Slice")]
    public static void ReadSlice(NodeReader node)
    {
        int rank = node.Rank(0);
        bool hasInputs = node.Opset >= 10;
        if (hasInputs && ((node.Has(3) && node.Known(3) is null) || (node.Has(4) && node.Known(4) is null)))
        {
            ReadComputedSlice(node, rank);
            return;
        }
        long[]? axes = hasInputs ? node.Has(3) ? node.InputOr(3, "axes") : null : node.Integers("axes");
        long[]? starts = hasInputs ? node.Known(1) : node.Integers("starts");
        long[]? ends = hasInputs ? node.Known(2) : node.Integers("ends");
        long[]? steps = hasInputs && node.Has(4) ? node.InputOr(4, "steps") : null;
        int count = starts?.Length ?? ends?.Length ?? axes?.Length ?? (node.Info(1).Rank == 1 && node.Info(1).Shape[0] >= 0 ? (int)node.Info(1).Shape[0] : throw OnnxDiagnostics.Decline("the number of axes is not known"));
        int[] along = [.. (axes ?? [.. Enumerable.Range(0, count).Select(axis => (long)axis)]).Select(axis => NodeReader.Axis(axis, rank))];
        long[] step = [.. Enumerable.Repeat(1L, rank)];
        for (int i = 0; steps is not null && i < along.Length; i++)
            step[along[i]] = steps[i];
        var (begins, beginMask) = Bounds(node, starts, 1, along, step, isEnd: false);
        var (finishes, endMask) = Bounds(node, ends, 2, along, step, isEnd: true);
        bool isLong = node.Scope.Emitter.TypeOf(begins) == DataType.Int64 || node.Scope.Emitter.TypeOf(finishes) == DataType.Int64;
        DataType index = isLong ? DataType.Int64 : DataType.Int32;
        node.Result("StridedSlice", [node[0], node.Cast(begins, index), node.Cast(finishes, index), isLong ? node.Longs(step) : node.Ints(step)], ("begin_mask", beginMask), ("end_mask", endMask));
    }

    /// <summary>Bounds of which even the axes or steps are computed: they are put into those of the whole tensor.</summary>
    private static void ReadComputedSlice(NodeReader node, int rank)
    {
        NodeInput Long(int input) => node.Cast(node[input], DataType.Int64);
        NodeInput count = node.Emit("Size", [node[1]], ("out_type", DataType.Int64));
        NodeInput axes = node.Has(3)
            ? node.Emit("FloorMod", [Long(3), node.Scalar(DataType.Int64, rank)])
            : node.Emit("Range", [node.Scalar(DataType.Int64, 0), count, node.Scalar(DataType.Int64, 1)]);
        NodeInput places = node.Emit("ExpandDims", [axes, node.Int(1)]);
        NodeInput Put(NodeInput all, NodeInput values) => node.Emit("TensorScatterUpdate", [all, places, values]);
        NodeInput ones = node.Longs([.. Enumerable.Repeat(1L, rank)]);
        NodeInput begins = Put(node.Longs(new long[rank]), node.Has(4) ? NotBeforeFirst(node, Long(1), Long(4), axes) : Long(1));
        NodeInput given = node.Has(4) ? OpenBackwards(node, Long(2), Long(4)) : Long(2);
        NodeInput ends = Put(node.Emit("Shape", [node[0]], ("out_type", DataType.Int64)), given);
        node.Result("StridedSlice", [node[0], begins, ends, node.Has(4) ? Put(ones, Long(4)) : ones]);
    }

    /// <summary>The largest integers stand for the end of a dimension: with steps backwards for its begin.</summary>
    private static bool IsOpen(long end) => end is int.MaxValue or long.MaxValue;

    /// <summary>Steps backwards begin with the first element where the start is before it.</summary>
    private static NodeInput NotBeforeFirst(NodeReader node, NodeInput starts, NodeInput steps, NodeInput axes)
    {
        NodeInput sizes = node.Emit("GatherV2", [node.Emit("Shape", [node[0]], ("out_type", DataType.Int64)), axes, node.Int(0)]);
        NodeInput isBackwards = node.Emit("Less", [steps, node.Const(Tensors.Integer(0))]);
        return node.Emit("SelectV2", [isBackwards, node.Emit("Maximum", [starts, node.Emit("Neg", [sizes])]), starts]);
    }

    private static NodeInput OpenBackwards(NodeReader node, NodeInput ends, NodeInput steps)
    {
        NodeInput Number(long value) => node.Const(Tensors.Integer(value));
        NodeInput isLargest = node.Emit("LogicalOr", [node.Emit("Equal", [ends, Number(int.MaxValue)]), node.Emit("Equal", [ends, Number(long.MaxValue)])]);
        NodeInput isOpen = node.Emit("LogicalAnd", [node.Emit("Less", [steps, Number(0)]), isLargest]);
        return node.Emit("SelectV2", [isOpen, Number(int.MinValue), ends]);
    }

    /// <summary>Begins or ends for all dimensions, with a mask of those that are open.</summary>
    private static (NodeInput Bounds, long Mask) Bounds(NodeReader node, long[]? known, int input, int[] along, long[] steps, bool isEnd)
    {
        long mask = 0;
        for (int axis = 0; axis < steps.Length; axis++)
            mask |= along.Contains(axis) ? 0 : 1L << axis;
        bool mayBeBeforeFirst = !isEnd && along.Where((axis, i) => steps[axis] < 0 && node.Info(0).Shape[axis] < 0 && (known is null || known[i] is < -1 and > int.MinValue)).Any();
        if (known is null || mayBeBeforeFirst)
        {
            NodeInput computed = node.Cast(node[input], DataType.Int64);
            if (mayBeBeforeFirst)
                computed = NotBeforeFirst(node, computed, node.Longs([.. along.Select(axis => steps[axis])]), node.Longs([.. along.Select(axis => (long)axis)]));
            bool isBackwards = isEnd && along.Any(axis => steps[axis] < 0);
            return (Scattered(node, isBackwards ? OpenBackwards(node, computed, node.Longs([.. along.Select(axis => steps[axis])])) : computed, along, steps.Length), mask);
        }
        long[] bounds = new long[steps.Length];
        for (int i = 0; i < along.Length; i++)
        {
            int axis = along[i];
            bool isOpen = isEnd
                ? steps[axis] > 0 ? known[i] >= int.MaxValue : known[i] <= int.MinValue || IsOpen(known[i])
                : steps[axis] > 0 ? known[i] <= int.MinValue : known[i] >= int.MaxValue;
            mask |= isOpen ? 1L << axis : 0;
            bool isBeforeFirst = !isEnd && steps[axis] < 0 && node.Info(0).Shape[axis] is >= 0 and var size && known[i] < -size;
            bounds[axis] = isOpen || isBeforeFirst ? 0 : Math.Clamp(known[i], int.MinValue, int.MaxValue);
        }
        return (node.Has(1) && (node.Known(1) is null || node.Known(2) is null) ? node.Longs(bounds) : node.Ints(bounds), mask);
    }

    private static NodeInput Scattered(NodeReader node, NodeInput values, int[] along, int rank)
    {
        if (along.SequenceEqual(Enumerable.Range(0, rank)))
            return values;
        NodeInput places = node.Const(Tensors.Integers(DataType.Int64, TensorShape.Of(along.Length, 1), [.. along.Select(axis => (long)axis)]));
        return node.Emit("ScatterNd", [places, values, node.Longs(rank)]);
    }

    [Reads("Expand")]
    public static void ReadExpand(NodeReader node)
    {
        if (node.Output(0)?.Shape is { IsFullyKnown: true } shape)
        {
            node.Result("BroadcastTo", [node[0], node.Ints([.. shape.Dimensions])]);
            return;
        }
        NodeInput own = node.Emit("Shape", [node[0]], ("out_type", DataType.Int64));
        node.Result("BroadcastTo", [node[0], node.Emit("BroadcastArgs", [own, node[1]])]);
    }

    [Reads("Tile")]
    public static void ReadTile(NodeReader node) => node.Result("Tile", [node[0], node.Known(1) is { } repeats ? node.Ints(repeats) : node[1]]);

    /// <summary>Channels first: mode DCR has the depth outermost, as TensorFlow; CRD the channel.</summary>
    [Reads("DepthToSpace")]
    public static void ReadDepthToSpace(NodeReader node)
    {
        long block = node.Integer("blocksize", 1);
        if (node.Text("mode", "DCR") == "DCR")
        {
            node.ResultLast("DepthToSpace", [node.Last(0)], ("block_size", block));
            return;
        }
        TensorShape shape = node.Info(0).Shape;
        if (!TensorShape.Of([.. shape.Dimensions.Skip(1)]).IsFullyKnown)
            throw OnnxDiagnostics.Decline("mode CRD needs known channels, height and width");
        NodeInput blocks = node.Reshape(node[0], -1, shape[1] / (block * block), block, block, shape[2], shape[3]);
        node.Result("Reshape", [node.Transpose(blocks, 0, 1, 4, 2, 5, 3), node.Ints(-1, shape[1] / (block * block), shape[2] * block, shape[3] * block)]);
    }

    [Reads("SpaceToDepth")]
    public static void ReadSpaceToDepth(NodeReader node)
    {
        node.ResultLast("SpaceToDepth", [node.Last(0)], ("block_size", node.Integer("blocksize", 1)));
    }

    [Reads("ReverseSequence")]
    public static void ReadReverseSequence(NodeReader node) =>
        node.Result("ReverseSequence", [node[0], node[1]], ("seq_dim", node.Integer("time_axis", 0)), ("batch_dim", node.Integer("batch_axis", 1)));

    /// <summary>The band on one side of a diagonal, which may be outside the matrix.</summary>
    [Reads("Trilu")]
    public static void ReadTrilu(NodeReader node)
    {
        int rank = node.Rank(0);
        TensorShape shape = node.Info(0).Shape;
        bool isUpper = node.Flag("upper", otherwise: true);
        NodeInput dimensions = node.Emit("Shape", [node[0]], ("out_type", DataType.Int64));
        NodeInput Index(int axis, long[] target)
        {
            NodeInput dimension = shape[axis] >= 0
                ? node.Scalar(DataType.Int64, shape[axis])
                : node.Emit("StridedSlice", [dimensions, node.Ints(axis), node.Ints(axis + 1), node.Ints(1)], ("shrink_axis_mask", 1));
            return node.Reshape(node.Emit("Range", [node.Scalar(DataType.Int64, 0), dimension, node.Scalar(DataType.Int64, 1)]), target);
        }
        NodeInput rows = Index(rank - 2, [-1, 1]);
        NodeInput columns = Index(rank - 1, [1, -1]);
        NodeInput diagonal = node.Has(1) ? node.Emit("AddV2", [rows, node.Reshape(node[1])]) : rows;
        NodeInput isKept = node.Emit(isUpper ? "GreaterEqual" : "LessEqual", [columns, diagonal]);
        node.Result("SelectV2", [isKept, node[0], node.Scalar(node.TypeOf(0), 0)]);
    }

    /// <summary>The shape with one dimension replaced.</summary>
    public static TensorShape With(TensorShape shape, int axis, long dimension) => TensorShape.Of(shape.Dimensions.SetItem(axis, dimension));
}
