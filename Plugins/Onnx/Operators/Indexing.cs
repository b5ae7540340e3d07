using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Elements picked and put by index.</summary>
internal static partial class Indexing
{
    [Infers("Gather")]
    public static void InferGather(NodeInference node)
    {
        ValueInfo data = node[0];
        ValueInfo indices = node[1];
        if (data.Shape.IsUnknownRank || indices.Shape.IsUnknownRank)
        {
            node.Set(data.Type, TensorShape.Unknown);
            return;
        }
        int axis = node.Axis(node.Integer("axis", 0), data.Rank);
        TensorShape shape = TensorShape.Of([.. data.Shape.Dimensions.Take(axis), .. indices.Shape.Dimensions, .. data.Shape.Dimensions.Skip(axis + 1)]);
        bool isFollowed = data.Rank == 1 && !data.Elements.IsDefault && indices.HasAllElements;
        node.Set(isFollowed ? ValueInfo.OfElements(data.Type, shape, [.. indices.Elements.Select(index => At(node, data.Elements, index!.Value))]) : new(data.Type, shape));
    }

    private static long? At(NodeInference node, ImmutableArray<long?> elements, long index)
    {
        long at = index < 0 ? index + elements.Length : index;
        return at >= 0 && at < elements.Length ? elements[(int)at] : throw OnnxDiagnostics.Mismatch($"the index {index} is outside of {elements.Length} elements");
    }

    [Infers("GatherElements")]
    public static void InferGatherElements(NodeInference node) => node.Set(node[0].Type, node[1].Shape);

    [Infers("GatherND")]
    public static void InferGatherNd(NodeInference node)
    {
        TensorShape data = node[0].Shape;
        TensorShape indices = node[1].Shape;
        if (data.IsUnknownRank || indices.Rank < 1 || indices[indices.Rank - 1] < 0)
        {
            node.Set(node[0].Type, TensorShape.Unknown);
            return;
        }
        int batch = (int)node.Integer("batch_dims", 0);
        node.Set(node[0].Type, TensorShape.Of([.. indices.Dimensions.Take(indices.Rank - 1), .. data.Dimensions.Skip(batch + (int)indices[indices.Rank - 1])]));
    }

    [Infers("Scatter", "ScatterElements", "ScatterND", "TensorScatter")]
    public static void InferScatter(NodeInference node)
    {
        node.RequireSameType(0, 2 < node.Count ? 2 : 1);
        node.Set(node[0].Type, node[0].Shape);
    }

    [Infers("OneHot")]
    public static void InferOneHot(NodeInference node)
    {
        TensorShape indices = node[0].Shape;
        long depth = node.Known(1) is [var known] ? known : node[1].Constant is { } constant && constant.ElementCount == 1 ? (long)constant.ToSingles()[0] : -1;
        if (indices.IsUnknownRank)
            node.Set(node[2].Type, indices);
        else
            node.Set(node[2].Type, TensorShape.Of(indices.Dimensions.Insert(node.Axis(node.Integer("axis", -1), indices.Rank + 1), depth)));
    }

    [Infers("NonZero")]
    public static void InferNonZero(NodeInference node) => node.Set(DataType.Int64, TensorShape.Of(node[0].Rank < 0 ? -1 : Math.Max(1, node[0].Rank), -1));

    [Infers("Compress")]
    public static void InferCompress(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        node.Set(node[0].Type, !node.HasAttribute("axis") ? TensorShape.Of(-1) : shape.IsUnknownRank ? shape : Movement.With(shape, node.Axis(node.Integer("axis", 0), shape.Rank), -1));
    }

    [Infers("Unique")]
    public static void InferUnique(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        node.Set(node[0].Type, !node.HasAttribute("axis") ? TensorShape.Of(-1) : shape.IsUnknownRank ? shape : Movement.With(shape, node.Axis(node.Integer("axis", 0), shape.Rank), -1));
        for (int i = 1; i < 4; i++)
            node.Set(i, DataType.Int64, TensorShape.Of(-1));
    }

    [Infers("TopK")]
    public static void InferTopK(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        long count = node.Opset < 10 ? node.Integer("k", 1) : node.Known(1) is [var known] ? known : -1;
        if (!shape.IsUnknownRank)
            shape = Movement.With(shape, node.Axis(node.Integer("axis", -1), shape.Rank), count);
        node.Set(0, node[0].Type, shape);
        node.Set(1, DataType.Int64, shape);
    }

    [Infers("CumSum")]
    public static void InferCumSum(NodeInference node) => node.Set(node[0].Type, node[0].Shape);

    /// <summary>Negative indices count from the end, which TensorFlow does not know.</summary>
    [Reads("Gather")]
    public static void ReadGather(NodeReader node)
    {
        long axis = node.Integer("axis", 0);
        node.Result("GatherV2", [node[0], NonNegative(node, 1, axis), node.Int(axis)]);
    }

    private static NodeInput NonNegative(NodeReader node, int input, long axis)
    {
        if (node.Constant(input) is { } constant)
        {
            long[] known = Tensors.ToLongs(constant);
            if (Array.TrueForAll(known, index => index >= 0))
                return node[input];
            long dimension = node.Info(0).Rank >= 0 ? node.Info(0).Shape[NodeReader.Axis(axis, node.Rank(0))] : -1;
            if (dimension >= 0)
                return node.Const(Tensors.Integers(constant.Type, constant.Shape, [.. known.Select(index => index < 0 ? index + dimension : index)]));
        }
        NodeInput indices = node[input];
        DataType type = node.TypeOf(input);
        NodeInput size = Dimension(node, axis, type);
        return node.Emit("SelectV2", [node.Emit("Less", [indices, node.Scalar(type, 0)]), node.Emit("AddV2", [indices, size]), indices]);
    }

    private static NodeInput Dimension(NodeReader node, long axis, DataType type)
    {
        TensorShape shape = node.Info(0).Shape;
        int at = NodeReader.Axis(axis, node.Rank(0));
        return shape[at] >= 0
            ? node.Scalar(type, shape[at])
            : node.Emit("StridedSlice", [node.Emit("Shape", [node[0]], ("out_type", type)), node.Ints(at), node.Ints(at + 1), node.Ints(1)], ("shrink_axis_mask", 1));
    }

    /// <summary>One index for each element of the result: the other coordinates are those of the element.</summary>
    [Reads("GatherElements")]
    public static void ReadGatherElements(NodeReader node)
    {
        long axis = node.Integer("axis", 0);
        node.Result("GatherNd", [node[0], Coordinates(node, NonNegative(node, 1, axis), axis)]);
    }

    /// <summary>[…, rank] coordinates of which one is given and the others count.</summary>
    private static NodeInput Coordinates(NodeReader node, NodeInput indices, long axis)
    {
        int rank = node.Rank(1);
        int along = NodeReader.Axis(axis, rank);
        TensorShape shape = node.Info(1).Shape;
        DataType type = node.TypeOf(1);
        NodeInput dimensions = node.Emit("Shape", [indices], ("out_type", type));
        var parts = new NodeInput[rank];
        for (int i = 0; i < rank; i++)
        {
            if (i == along)
            {
                parts[i] = indices;
                continue;
            }
            NodeInput dimension = shape[i] >= 0
                ? node.Scalar(type, shape[i])
                : node.Emit("StridedSlice", [dimensions, node.Ints(i), node.Ints(i + 1), node.Ints(1)], ("shrink_axis_mask", 1));
            long[] target = [.. Enumerable.Repeat(1L, rank)];
            target[i] = -1;
            NodeInput counting = node.Reshape(node.Emit("Range", [node.Scalar(type, 0), dimension, node.Scalar(type, 1)]), target);
            parts[i] = node.Emit("BroadcastTo", [counting, dimensions]);
        }
        return node.Emit("Pack", parts, ("axis", rank));
    }

    [Reads("GatherND")]
    public static void ReadGatherNd(NodeReader node)
    {
        int batch = (int)node.Integer("batch_dims", 0);
        NodeInput indices = NonNegativeCoordinates(node, batch);
        if (batch == 0)
        {
            node.Result("GatherNd", [node[0], indices]);
            return;
        }
        int rank = node.Rank(1);
        NodeInput dimensions = node.Emit("Shape", [indices], ("out_type", DataType.Int64));
        NodeInput leading = node.Emit("ConcatV2", [node.Emit("StridedSlice", [dimensions, node.Ints(0), node.Ints(rank - 1), node.Ints(1)]), node.Longs(1), node.Int(0)]);
        var parts = new List<NodeInput>();
        for (int i = 0; i < batch; i++)
        {
            NodeInput dimension = node.Emit("StridedSlice", [dimensions, node.Ints(i), node.Ints(i + 1), node.Ints(1)], ("shrink_axis_mask", 1));
            long[] target = [.. Enumerable.Repeat(1L, rank)];
            target[i] = -1;
            NodeInput counting = node.Reshape(node.Emit("Range", [node.Scalar(DataType.Int64, 0), dimension, node.Scalar(DataType.Int64, 1)]), target);
            parts.Add(node.Emit("BroadcastTo", [counting, leading]));
        }
        node.Result("GatherNd", [node[0], node.Emit("ConcatV2", [.. parts, indices, node.Int(rank - 1)])]);
    }

    private static NodeInput NonNegativeCoordinates(NodeReader node, int batch)
    {
        if (node.Constant(1) is { } constant && Array.TrueForAll(Tensors.ToLongs(constant), index => index >= 0))
            return node[1];
        long depth = node.Info(1).Shape is { Rank: >= 1 } shape && shape[shape.Rank - 1] >= 0 ? shape[shape.Rank - 1] : throw OnnxDiagnostics.Decline("the length of the coordinates is not known");
        NodeInput dimensions = node.Emit("StridedSlice", [node.Emit("Shape", [node[0]], ("out_type", DataType.Int64)), node.Ints(batch), node.Ints(batch + depth), node.Ints(1)]);
        return node.Emit("SelectV2", [node.Emit("Less", [node[1], node.Scalar(DataType.Int64, 0)]), node.Emit("AddV2", [node[1], dimensions]), node[1]]);
    }

    [Reads("Scatter", "ScatterElements", Declines = "reduction mul, max, min")]
    public static void ReadScatterElements(NodeReader node)
    {
        long axis = node.Integer("axis", 0);
        NodeInput coordinates = Coordinates(node, NonNegative(node, 1, axis), axis);
        Scatter(node, coordinates);
    }

    [Reads("ScatterND", Declines = "reduction max, min")]
    public static void ReadScatterNd(NodeReader node)
    {
        if (node.Text("reduction", "none") == "mul")
            MultiplyUpdates(node);
        else
            Scatter(node, NonNegativeCoordinates(node, 0));
    }

    private static void Scatter(NodeReader node, NodeInput coordinates)
    {
        string reduction = node.Text("reduction", "none");
        string op = reduction switch
        {
            "none" => "TensorScatterUpdate",
            "add" => "TensorScatterAdd",
            _ => throw OnnxDiagnostics.Decline($"the reduction '{reduction}'"),
        };
        node.Result(op, [node[0], coordinates, node[2]]);
    }

    /// <summary>A product of updates, one after the other, as each row of indices may name a place again.</summary>
    private static void MultiplyUpdates(NodeReader node)
    {
        const int most = 64;
        TensorShape shape = node.Info(1).Shape;
        int rank = node.Rank(1);
        long count = Shapes.Product(shape, 0, rank - 1);
        if (count is < 0 or > most)
            throw OnnxDiagnostics.Decline("the reduction 'mul' of more than 64 or of unknown numbers of updates");
        NodeInput indices = node.Reshape(NonNegativeCoordinates(node, 0), -1, shape[rank - 1]);
        long[] rest = [.. node.Info(2).Shape.Dimensions.Skip(rank - 1)];
        NodeInput updates = node.Reshape(node[2], [-1, .. rest]);
        NodeInput data = node[0];
        for (int i = 0; i < count; i++)
        {
            NodeInput at = node.Emit("StridedSlice", [indices, node.Ints(i), node.Ints(i + 1), node.Ints(1)]);
            NodeInput factor = node.Emit("StridedSlice", [updates, node.Ints(i), node.Ints(i + 1), node.Ints(1)]);
            data = node.Emit("TensorScatterUpdate", [data, at, node.Emit("Mul", [node.Emit("GatherNd", [data, at]), factor])]);
        }
        node.Set(0, data);
    }

    /// <summary>Depth may be a tensor of one element; values are [off, on].</summary>
    [Reads("OneHot")]
    public static void ReadOneHot(NodeReader node)
    {
        NodeInput depth = node.Reshape(node.Cast(node[1], DataType.Int32));
        NodeInput indices = node.Cast(node[0], DataType.Int64);
        NodeInput wide = node.Cast(depth, DataType.Int64);
        indices = node.Emit("SelectV2", [node.Emit("Less", [indices, node.Scalar(DataType.Int64, 0)]), node.Emit("AddV2", [indices, wide]), indices]);
        NodeInput Value(int i) => node.Emit("StridedSlice", [node[2], node.Ints(i), node.Ints(i + 1), node.Ints(1)], ("shrink_axis_mask", 1));
        int rank = node.Rank(0);
        int axis = NodeReader.Axis(node.Integer("axis", -1), rank + 1);
        node.Result("OneHot", [indices, depth, Value(1), Value(0)], ("axis", axis == rank ? -1 : axis));
    }

    /// <summary>Coordinates are columns, one row a dimension.</summary>
    [Reads("NonZero")]
    public static void ReadNonZero(NodeReader node)
    {
        NodeInput data = node.Rank(0) == 0 ? node.Reshape(node[0], 1) : node[0];
        NodeInput isSet = node.TypeOf(0) == DataType.Bool ? data : node.Emit("NotEqual", [data, node.Scalar(node.TypeOf(0), 0)]);
        node.Result("Transpose", [node.Emit("Where", [isSet]), node.Ints(1, 0)]);
    }

    [Reads("Compress")]
    public static void ReadCompress(NodeReader node)
    {
        NodeInput data = node.HasAttribute("axis") ? node[0] : node.Reshape(node[0], -1);
        NodeInput places = node.Emit("Squeeze", [node.Emit("Where", [node[1]])], ("squeeze_dims", AttributeValue.Ints(1)));
        node.Result("GatherV2", [data, places, node.Int(node.Integer("axis", 0))]);
    }

    /// <summary>TensorFlow finds unique values in the order of their first occurrence; sorted ones are gathered in the order of the values.</summary>
    [Reads("Unique", Declines = "sorted slices along an axis of several elements")]
    public static void ReadUnique(NodeReader node)
    {
        bool hasAxis = node.HasAttribute("axis");
        NodeInput data = hasAxis ? node[0] : node.Reshape(node[0], -1);
        long axis = node.Integer("axis", 0);
        NodeInput[] found = node.EmitAll("UniqueWithCountsV2", [data, node.Longs(hasAxis ? NodeReader.Axis(axis, node.Rank(0)) : 0)], ("out_idx", DataType.Int64));
        NodeInput count = node.Emit("Size", [found[2]], ("out_type", DataType.Int64));
        NodeInput counting = node.Emit("Range", [node.Scalar(DataType.Int64, 0), node.Emit("Size", [found[1]], ("out_type", DataType.Int64)), node.Scalar(DataType.Int64, 1)]);
        NodeInput first = node.Emit("UnsortedSegmentMin", [counting, found[1], count]);
        if (!node.Flag("sorted", otherwise: true))
        {
            node.Set(0, found[0]);
            node.Set(1, first);
            node.Set(2, found[1]);
            node.Set(3, found[2]);
            return;
        }
        NodeInput order = Order(node, found[0], hasAxis ? NodeReader.Axis(axis, node.Rank(0)) : 0, count);
        node.Set(0, node.Emit("GatherV2", [found[0], order, node.Int(hasAxis ? axis : 0)]));
        node.Set(1, node.Emit("GatherV2", [first, order, node.Int(0)]));
        node.Set(2, node.Emit("GatherV2", [node.Emit("InvertPermutation", [order]), found[1], node.Int(0)]));
        node.Set(3, node.Emit("GatherV2", [found[2], order, node.Int(0)]));
    }

    /// <summary>The order of slices by their elements, the first element counting most: each place is the number of slices before it.</summary>
    private static NodeInput Order(NodeReader node, NodeInput unique, int axis, NodeInput count)
    {
        int rank = node.HasAttribute("axis") ? node.Rank(0) : 1;
        int[] moved = [axis, .. Enumerable.Range(0, rank).Where(i => i != axis)];
        NodeInput slices = node.Reshape(rank == 1 ? unique : node.Transpose(unique, moved), rank == 1 ? [-1, 1] : [.. SliceShape(node, axis)]);
        NodeInput left = node.Emit("ExpandDims", [slices, node.Int(1)]);
        NodeInput right = node.Emit("ExpandDims", [slices, node.Int(0)]);
        NodeInput differs = node.Emit("NotEqual", [left, right]);
        NodeInput first = node.Emit("ArgMax", [node.Cast(differs, DataType.Int32), node.Int(2)], ("output_type", DataType.Int32));
        NodeInput depth = node.Emit("StridedSlice", [node.Emit("Shape", [slices]), node.Ints(1), node.Ints(2), node.Ints(1)], ("shrink_axis_mask", 1));
        NodeInput chosen = node.Emit("OneHot", [first, depth, node.Scalar(DataType.Bool, 1), node.Scalar(DataType.Bool, 0)]);
        NodeInput isAfter = node.Emit("Any", [node.Emit("LogicalAnd", [node.Emit("Greater", [left, right]), chosen]), node.Ints(2)]);
        NodeInput place = node.Emit("Sum", [node.Cast(isAfter, DataType.Int64), node.Ints(1)]);
        return node.Emit("InvertPermutation", [place]);
    }

    private static long[] SliceShape(NodeReader node, int axis)
    {
        TensorShape shape = node.Info(0).Shape;
        long depth = shape.Dimensions.Where((_, i) => i != axis).Aggregate(1L, (product, dimension) => dimension < 0 ? throw OnnxDiagnostics.Decline("slices of unknown size") : product * dimension);
        return [-1, depth];
    }

    /// <summary>Along another axis than the last the tensor is transposed; the smallest are the largest of the negated, of integers of the complement.</summary>
    [Reads("TopK")]
    public static void ReadTopK(NodeReader node)
    {
        int rank = node.Rank(0);
        int axis = NodeReader.Axis(node.Integer("axis", -1), rank);
        bool takesLargest = node.Flag("largest", otherwise: true);
        int[] order = [.. Enumerable.Range(0, rank).Where(i => i != axis), axis];
        NodeInput data = node.Transpose(node[0], order);
        if (!takesLargest)
            data = Negated(node, data);
        NodeInput count = node.Opset < 10 ? node.Int(node.Integer("k", 1)) : node.Known(1) is [var known] ? node.Int(known) : node.Reshape(node.Cast(node[1], DataType.Int32));
        NodeInput[] found = node.EmitAll("TopKV2", [data, count], ("sorted", true));
        NodeInput values = takesLargest ? found[0] : Negated(node, found[0]);
        int[] back = new int[rank];
        for (int i = 0; i < rank; i++)
            back[order[i]] = i;
        node.Set(0, node.Transpose(values, back));
        node.Set(1, node.Cast(node.Transpose(found[1], back), DataType.Int64));
    }

    private static NodeInput Negated(NodeReader node, NodeInput tensor) => node.Emit(Tensors.IsFloat(node.TypeOf(0)) ? "Neg" : "Invert", [tensor]);

    [Reads("CumSum")]
    public static void ReadCumSum(NodeReader node)
    {
        NodeInput axis = node.Known(1) is [var known] ? node.Int(known) : node.Reshape(node[1]);
        node.Result("Cumsum", [node[0], axis], ("exclusive", node.Flag("exclusive")), ("reverse", node.Flag("reverse")));
    }
}
