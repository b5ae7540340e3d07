using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>The same elements in another shape, and shapes as values.</summary>
internal static partial class Shapes
{
    /// <summary>Dimensions that a computed shape may have beyond those of its input.</summary>
    private const int MostDimensions = 8;

    [Infers("Identity", "Dropout")]
    public static void InferIdentity(NodeInference node)
    {
        node.Set(node[0]);
        node.Set(1, node.Opset < 10 ? node[0].Type : DataType.Bool, node[0].Shape);
    }

    [Infers("Reshape")]
    public static void InferReshape(NodeInference node)
    {
        ValueInfo data = node[0];
        ImmutableArray<long?> target = node.Opset < 5 ? [.. (node.Integers("shape") ?? []).Select(dimension => (long?)dimension)] : node[1].Elements;
        if (target.IsDefault)
        {
            long rank = node[1].Rank == 1 ? node[1].Shape[0] : -1;
            node.Set(data.Type, rank >= 0 ? TensorShape.Of([.. Enumerable.Repeat(-1L, (int)rank)]) : TensorShape.Unknown);
            return;
        }
        TensorShape shape = Reshaped(node, data.Shape, target, node.Flag("allowzero"));
        bool isFollowed = shape.Rank is 0 or 1 && !data.Elements.IsDefault && shape.IsFullyKnown && shape.ElementCount == data.Elements.Length;
        node.Set(isFollowed ? ValueInfo.OfElements(data.Type, shape, data.Elements) : new(data.Type, shape));
    }

    private static TensorShape Reshaped(NodeInference node, TensorShape shape, ImmutableArray<long?> target, bool allowsZero)
    {
        long[] dimensions = new long[target.Length];
        int open = -1;
        for (int i = 0; i < dimensions.Length; i++)
        {
            long? wanted = target[i];
            dimensions[i] = wanted switch
            {
                null or -1 => -1,
                0 when !allowsZero => shape.IsUnknownRank ? -1 : i < shape.Rank ? shape[i] : throw OnnxDiagnostics.Mismatch($"dimension {i} of the new shape is to be kept, but the input has the shape {shape}"),
                < -1 => throw OnnxDiagnostics.Mismatch($"the new shape has the dimension {wanted}"),
                _ => wanted.Value,
            };
            open = wanted == -1 ? i : open;
        }
        if (!shape.IsFullyKnown)
            return TensorShape.Of(dimensions);
        long count = shape.ElementCount;
        int unknown = dimensions.Count(dimension => dimension < 0);
        long known = dimensions.Where(dimension => dimension >= 0).Aggregate(1L, (product, dimension) => checked(product * dimension));
        bool fits = unknown == 0 ? known == count : known == 0 ? count == 0 : count % known == 0;
        if (!fits)
            throw OnnxDiagnostics.Mismatch($"{count} elements of shape {shape} do not fit in the shape {TensorShape.Of(dimensions)}");
        if (unknown == 1 && known > 0)
            dimensions[Array.IndexOf(dimensions, -1)] = count / known;
        else if (open >= 0 && unknown == 1)
            dimensions[open] = 0;
        return TensorShape.Of(dimensions);
    }

    [Infers("Flatten")]
    public static void InferFlatten(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        if (shape.IsUnknownRank)
        {
            node.Set(node[0].Type, TensorShape.Of(-1, -1));
            return;
        }
        long axis = node.Integer("axis", 1);
        int at = axis == shape.Rank ? shape.Rank : node.Axis(axis, Math.Max(1, shape.Rank));
        node.Set(node[0].Type, TensorShape.Of(Product(shape, 0, at), Product(shape, at, shape.Rank)));
    }

    [Infers("Squeeze")]
    public static void InferSqueeze(NodeInference node)
    {
        ValueInfo data = node[0];
        long[]? axes = node.InputOr(1, "axes");
        if (data.Shape.IsUnknownRank || (axes is null && (node.Has(1) || data.Shape.Dimensions.Contains(-1))))
        {
            node.Set(data.Type, TensorShape.Unknown);
            return;
        }
        int[] gone = axes is null ? [.. Enumerable.Range(0, data.Rank).Where(axis => data.Shape[axis] == 1)] : node.Axes(axes, data.Rank);
        if (Array.Find(gone, axis => data.Shape[axis] > 1) is var wrong && gone.Contains(wrong) && data.Shape[wrong] > 1)
            throw OnnxDiagnostics.Mismatch($"dimension {wrong} of the shape {data.Shape} is not 1");
        TensorShape shape = Reductions.Reduced(data.Shape, gone, keeps: false);
        node.Set(data.Elements.IsDefault ? new(data.Type, shape) : ValueInfo.OfElements(data.Type, shape, data.Elements));
    }

    [Infers("Unsqueeze")]
    public static void InferUnsqueeze(NodeInference node)
    {
        ValueInfo data = node[0];
        if (data.Shape.IsUnknownRank || node.InputOr(1, "axes") is not { } axes)
        {
            node.Set(data.Type, TensorShape.Unknown);
            return;
        }
        int rank = data.Rank + axes.Length;
        int[] added = node.Axes(axes, rank);
        Queue<long> rest = new(data.Shape.Dimensions);
        TensorShape shape = TensorShape.Of([.. Enumerable.Range(0, rank).Select(axis => added.Contains(axis) ? 1 : rest.Dequeue())]);
        node.Set(rank == 1 && !data.Elements.IsDefault ? ValueInfo.OfElements(data.Type, shape, data.Elements) : new(data.Type, shape));
    }

    [Infers("Shape")]
    public static void InferShape(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        if (shape.IsUnknownRank)
        {
            node.Set(DataType.Int64, TensorShape.Of(-1));
            return;
        }
        var (start, end) = Range(node.Integer("start", 0), node.Integer("end", shape.Rank), shape.Rank);
        ImmutableArray<long?> elements = [.. shape.Dimensions.Skip(start).Take(end - start).Select(dimension => dimension < 0 ? null : (long?)dimension)];
        node.Set(ValueInfo.OfElements(DataType.Int64, TensorShape.Of(elements.Length), elements));
    }

    [Infers("Size")]
    public static void InferSize(NodeInference node) =>
        node.Set(ValueInfo.OfElements(DataType.Int64, TensorShape.Scalar, [node[0].Shape.TryCount(out long count) ? count : null]));

    [Reads("Identity")]
    public static void ReadIdentity(NodeReader node) => node.Set(0, node.Value(0));

    /// <summary>Only its inference: the data as they are, and a mask of ones.</summary>
    [Reads("Dropout", Declines = "training mode with a ratio other than 0")]
    public static void ReadDropout(NodeReader node)
    {
        bool isTraining = node.Opset >= 12 && node.Has(2) && (node.Constant(2) is not { } mode || mode.Bytes.Span[0] != 0);
        if (isTraining && node.KnownReals(1) is not [0])
            throw OnnxDiagnostics.Decline("training mode draws random numbers");
        node.Set(0, node.Value(0));
        if (node.Wants(1))
            node.Set(1, node.Emit("Fill", [node.Emit("Shape", [node[0]]), node.Scalar(node.Opset < 10 ? node.TypeOf(0) : DataType.Bool, 1)]));
    }

    /// <summary>A dimension 0 in the new shape keeps the input's; one unknown dimension becomes -1.</summary>
    [Reads("Reshape")]
    public static void ReadReshape(NodeReader node)
    {
        if (Target(node) is { } dimensions)
            node.Result("Reshape", [node.Value(0).Elements, node.Ints(dimensions)]);
        else if (node.Flag("allowzero") || node.Info(1).Elements is { IsDefault: false } elements && !elements.Contains(0) && !elements.Contains(null))
            node.Result("Reshape", [node[0], node[1]]);
        else
            node.Result("Reshape", [node[0], WithKept(node)]);
    }

    private static long[]? Target(NodeReader node)
    {
        if (node.Output(0)?.Shape is { IsUnknownRank: false } shape && shape.Dimensions.Count(dimension => dimension < 0) <= 1)
            return [.. shape.Dimensions];
        if (node.Opset < 5)
            return node.Integers("shape");
        ImmutableArray<long?> elements = node.Info(1).Elements;
        if (elements.IsDefault || elements.Contains(null) || (elements.Contains(0) && !node.Flag("allowzero")))
            return null;
        return [.. elements.Select(element => element!.Value)];
    }

    /// <summary>The new shape with the input's dimension where it has 0, computed in the graph.</summary>
    private static NodeInput WithKept(NodeReader node)
    {
        NodeInput shape = node.Emit("Shape", [node[0]], ("out_type", DataType.Int64));
        NodeInput filled = node.Emit("ConcatV2", [shape, node.Longs(new long[MostDimensions]), node.Int(0)]);
        NodeInput length = node.Emit("Shape", [node[1]], ("out_type", DataType.Int32));
        NodeInput kept = node.Emit("StridedSlice", [filled, node.Ints(0), length, node.Ints(1)]);
        return node.Emit("SelectV2", [node.Emit("Equal", [node[1], node.Scalar(DataType.Int64, 0)]), kept, node[1]]);
    }

    [Reads("Flatten")]
    public static void ReadFlatten(NodeReader node)
    {
        TensorShape shape = node.Output(0)!.Shape;
        if (shape.Dimensions.Count(dimension => dimension < 0) <= 1)
        {
            node.Result("Reshape", [node.Value(0).Elements, node.Ints([.. shape.Dimensions])]);
            return;
        }
        int rank = node.Rank(0);
        long axis = node.Integer("axis", 1);
        int at = axis == rank ? rank : NodeReader.Axis(axis, Math.Max(1, rank));
        NodeInput dimensions = node.Emit("Shape", [node[0]]);
        NodeInput outer = node.Emit("Prod", [node.Emit("StridedSlice", [dimensions, node.Ints(0), node.Ints(at), node.Ints(1)]), node.Ints(0)], ("keep_dims", true));
        node.Result("Reshape", [node[0], node.Emit("ConcatV2", [outer, node.Ints(-1), node.Int(0)])]);
    }

    /// <summary>True, and read, when axes are computed but the output's shape is declared.</summary>
    private static bool TryReadDeclared(NodeReader node)
    {
        bool isDeclared = node.Has(1) && node.Known(1) is null && node.Output(0)?.Shape is { IsUnknownRank: false } shape && shape.Dimensions.Count(dimension => dimension < 0) <= 1;
        if (isDeclared)
            node.Result("Reshape", [node.Value(0).Elements, node.Ints([.. node.Output(0)!.Shape.Dimensions])]);
        return isDeclared;
    }

    [Reads("Squeeze", Declines = "axes that are computed, unless the output's shape is declared")]
    public static void ReadSqueeze(NodeReader node)
    {
        if (TryReadDeclared(node))
            return;
        long[]? axes = node.InputOr(1, "axes");
        bool isSpatial = node.Value(0).IsLast && axes is not null && axes.Select(axis => NodeReader.Axis(axis, 4)).Order().SequenceEqual([2, 3]);
        if (isSpatial)
            node.Result("Squeeze", [node.Last(0)], ("squeeze_dims", AttributeValue.Ints(1, 2)));
        else if (axes is not null)
            node.Result("Squeeze", [node[0]], ("squeeze_dims", AttributeValue.Ints(axes)));
        else
            node.Result("Squeeze", [node[0]]);
    }

    [Reads("Unsqueeze", Declines = "axes that are computed, unless the output's shape is declared")]
    public static void ReadUnsqueeze(NodeReader node)
    {
        if (TryReadDeclared(node))
            return;
        long[] axes = node.InputOr(1, "axes") ?? [];
        if (axes is [var only])
        {
            node.Result("ExpandDims", [node[0], node.Int(only)]);
            return;
        }
        int rank = node.Rank(0) + axes.Length;
        NodeInput data = node[0];
        foreach (int axis in axes.Select(axis => NodeReader.Axis(axis, rank)).Order())
            data = node.Emit("ExpandDims", [data, node.Int(axis)]);
        node.Set(0, data);
    }

    [Reads("Shape")]
    public static void ReadShape(NodeReader node)
    {
        if (node.Integer("start", 0) == 0 && !node.HasAttribute("end"))
        {
            node.Result("Shape", [node[0]], ("out_type", DataType.Int64));
            return;
        }
        var (start, end) = Range(node.Integer("start", 0), node.Integer("end", node.Rank(0)), node.Rank(0));
        node.Result("StridedSlice", [node.Emit("Shape", [node[0]], ("out_type", DataType.Int64)), node.Ints(start), node.Ints(Math.Max(start, end)), node.Ints(1)]);
    }

    [Reads("Size")]
    public static void ReadSize(NodeReader node) => node.Result("Size", [node[0]], ("out_type", DataType.Int64));

    private static (int Start, int End) Range(long start, long end, int rank)
    {
        int from = (int)Math.Clamp(start < 0 ? start + rank : start, 0, rank);
        int to = (int)Math.Clamp(end < 0 ? end + rank : end, 0, rank);
        return (from, Math.Max(from, to));
    }

    /// <summary>Number of elements of some dimensions, -1 when one is unknown.</summary>
    public static long Product(TensorShape shape, int from, int to)
    {
        long product = 1;
        for (int axis = from; axis < to; axis++)
        {
            if (shape[axis] < 0)
                return -1;
            product = checked(product * shape[axis]);
        }
        return product;
    }
}
