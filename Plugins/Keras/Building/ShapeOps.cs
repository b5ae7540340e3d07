using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Building;

/// <summary>A dimension of a shape to be made: a number, or a scalar of the graph.</summary>
/// <param name="Size">The size, -1 where only the graph knows.</param>
/// <param name="Value">The int32 scalar; null for a number.</param>
internal readonly record struct Dimension(long Size, Symbol? Value = null)
{
    public static implicit operator Dimension(long size) => new(size);
}

/// <summary>Nodes that read, change or move along shapes.</summary>
internal static class ShapeOps
{
    /// <summary>The int32 shape of a tensor.</summary>
    public static Symbol ShapeOf(this GraphBuilder graph, Symbol x, string name = "Shape") =>
        graph.Add("Shape", name, TensorShape.Of(x.Shape.IsUnknownRank ? -1 : x.Rank), [x], ("out_type", DataType.Int32));

    /// <summary>A dimension of a tensor: its number where known, else Shape and StridedSlice.</summary>
    public static Dimension DimensionOf(this GraphBuilder graph, Symbol x, int axis)
    {
        axis = Axes.Normalize(axis, x.Rank);
        return x.Shape[axis] >= 0 ? x.Shape[axis] : new Dimension(-1, graph.Element(graph.ShapeOf(x), axis));
    }

    /// <summary>All dimensions of a tensor.</summary>
    public static ImmutableArray<Dimension> DimensionsOf(this GraphBuilder graph, Symbol x)
    {
        if (x.Shape.IsFullyKnown)
            return [.. x.Shape.Dimensions.Select(size => new Dimension(size))];
        Symbol shape = graph.ShapeOf(x);
        return [.. x.Shape.Dimensions.Select((size, axis) => size >= 0 ? new Dimension(size) : new Dimension(-1, graph.Element(shape, axis)))];
    }

    /// <summary>An element of a vector as a scalar.</summary>
    public static Symbol Element(this GraphBuilder graph, Symbol vector, int index, string name = "strided_slice") =>
        graph.Add("StridedSlice", name, TensorShape.Scalar,
            [vector, graph.Ints(name + "/stack", index), graph.Ints(name + "/stack_1", index == -1 ? 0 : index + 1), graph.Ints(name + "/stack_2", 1)],
            ("shrink_axis_mask", 1), ("end_mask", index == -1 ? 1 : 0));

    /// <summary>An int32 vector of dimensions: a constant where all are numbers, else a Pack.</summary>
    public static Symbol Pack(this GraphBuilder graph, string name, ImmutableArray<Dimension> dimensions)
    {
        if (dimensions.All(dimension => dimension.Value is null))
            return graph.Ints(name, [.. dimensions.Select(dimension => dimension.Size)]);
        ImmutableArray<Symbol> parts = [.. dimensions.Select((dimension, i) => dimension.Value is { } value
            ? graph.Cast(value, DataType.Int32)
            : graph.Int(string.Create(CultureInfo.InvariantCulture, $"{name}/{i}"), dimension.Size))];
        return graph.Add("Pack", name, TensorShape.Of(parts.Length), parts, ("axis", 0));
    }

    /// <summary>The known sizes of dimensions as a shape.</summary>
    public static TensorShape Known(ImmutableArray<Dimension> dimensions) => TensorShape.Of([.. dimensions.Select(dimension => Math.Max(dimension.Size, -1))]);

    /// <summary>A reshape to dimensions; at most one number may be -1, which takes the rest.</summary>
    public static Symbol Reshape(this GraphBuilder graph, Symbol x, ImmutableArray<Dimension> dimensions, string name = "Reshape")
    {
        TensorShape known = Known(dimensions);
        long total = x.Shape.IsFullyKnown ? Axes.Product(x.Shape.Dimensions) : -1;
        int open = dimensions.Count(dimension => dimension.Size < 0);
        if (total >= 0 && open == 1)
        {
            int at = known.Dimensions.IndexOf(-1);
            long others = Axes.Product(known.Dimensions.RemoveAt(at));
            if (others > 0 && total % others != 0)
                throw KerasException.Configuration($"a tensor of shape {x.Shape} cannot be reshaped to {known}");
            known = known.With(at, others == 0 ? 0 : total / others);
        }
        else if (total >= 0 && open == 0 && Axes.Product(known.Dimensions) != total)
        {
            throw KerasException.Configuration($"a tensor of shape {x.Shape} cannot be reshaped to {known}");
        }
        if (open == 1)
            dimensions = [.. dimensions.Select(dimension => dimension.Size < 0 && dimension.Value is not null ? new Dimension(-1) : dimension)];
        return graph.Add("Reshape", name, known, [x, graph.Pack(name + "/shape", dimensions)], ("Tshape", DataType.Int32));
    }

    public static Symbol ExpandDims(this GraphBuilder graph, Symbol x, int axis, string name = "ExpandDims")
    {
        int at = Axes.Normalize(axis, x.Rank + 1);
        return graph.Add("ExpandDims", name, x.Shape.Insert(at, 1), [x, graph.Int(name + "/dim", axis)]);
    }

    public static Symbol Squeeze(this GraphBuilder graph, Symbol x, ImmutableArray<int> axes, string name = "Squeeze")
    {
        ImmutableArray<int> normal = axes.IsEmpty
            ? [.. Enumerable.Range(0, x.Rank).Where(axis => x.Shape[axis] == 1)]
            : Axes.Normalize(axes.Select(axis => (long)axis), x.Rank);
        foreach (int axis in normal)
        {
            if (x.Shape[axis] > 1)
                throw KerasException.Configuration($"dimension {axis} of {x.Shape} is not 1 and cannot be squeezed");
        }
        return graph.Add("Squeeze", name, Axes.Reduce(x.Shape, normal, keep: false), [x], ("squeeze_dims", AttributeValue.Ints([.. normal.Select(axis => (long)axis)])));
    }

    public static Symbol Transpose(this GraphBuilder graph, Symbol x, ImmutableArray<int> permutation, string name = "transpose")
    {
        if (permutation.Length != x.Rank || permutation.Order().Where((axis, i) => axis != i).Any())
            throw KerasException.Configuration($"[{string.Join(", ", permutation)}] is not an order of the axes of {x.Shape}");
        return graph.Add("Transpose", name, TensorShape.Of([.. permutation.Select(axis => x.Shape[axis])]), [x, graph.Ints(name + "/perm", permutation.Select(axis => (long)axis))]);
    }

    public static Symbol Concat(this GraphBuilder graph, ImmutableArray<Symbol> inputs, int axis, string name = "concat")
    {
        int at = Axes.Normalize(axis, inputs[0].Rank);
        long sum = 0;
        TensorShape shape = inputs[0].Shape;
        foreach (Symbol input in inputs)
        {
            if (input.Type != inputs[0].Type)
                throw KerasException.Configuration($"a {input.Type.Name()} tensor cannot be joined to a {inputs[0].Type.Name()} one");
            if (input.Rank != shape.Rank)
                throw KerasException.Configuration($"shapes {inputs[0].Shape} and {input.Shape} cannot be joined");
            for (int i = 0; i < shape.Rank; i++)
            {
                if (i != at && shape[i] >= 0 && input.Shape[i] >= 0 && shape[i] != input.Shape[i])
                    throw KerasException.Configuration($"shapes {inputs[0].Shape} and {input.Shape} cannot be joined along axis {axis}");
                if (i != at && shape[i] < 0)
                    shape = shape.With(i, input.Shape[i]);
            }
            sum = sum < 0 || input.Shape[at] < 0 ? -1 : sum + input.Shape[at];
        }
        return graph.Add("ConcatV2", name, shape.With(at, sum), [.. inputs, graph.Int(name + "/axis", axis)]);
    }

    /// <summary>Tensors of one shape put together along a new axis.</summary>
    public static Symbol Stack(this GraphBuilder graph, ImmutableArray<Symbol> inputs, int axis, string name = "stack")
    {
        int at = Axes.Normalize(axis, inputs[0].Rank + 1);
        return graph.Add("Pack", name, inputs[0].Shape.Insert(at, inputs.Length), inputs, ("axis", axis));
    }

    /// <summary>The slices of a tensor along an axis of known length.</summary>
    public static ImmutableArray<Symbol> Unstack(this GraphBuilder graph, Symbol x, int axis, string name = "unstack")
    {
        int at = Axes.Normalize(axis, x.Rank);
        int count = checked((int)x.KnownDimension(at));
        return graph.AddMany("Unpack", name, [.. Enumerable.Repeat(x.Shape.Remove(at), count)], [x], ("axis", axis), ("num", count));
    }

    /// <summary>Equal parts along an axis.</summary>
    public static ImmutableArray<Symbol> Split(this GraphBuilder graph, Symbol x, int parts, int axis, string name = "split")
    {
        int at = Axes.Normalize(axis, x.Rank);
        if (x.Shape[at] >= 0 && x.Shape[at] % parts != 0)
            throw KerasException.Configuration($"dimension {axis} of {x.Shape} does not split into {parts}");
        TensorShape shape = x.Shape.With(at, x.Shape[at] < 0 ? -1 : x.Shape[at] / parts);
        return graph.AddMany("Split", name, [.. Enumerable.Repeat(shape, parts)], [graph.Int(name + "/split_dim", axis), x], ("num_split", parts));
    }

    /// <summary>Parts of given sizes along an axis.</summary>
    public static ImmutableArray<Symbol> SplitSizes(this GraphBuilder graph, Symbol x, ImmutableArray<long> sizes, int axis, string name = "split")
    {
        int at = Axes.Normalize(axis, x.Rank);
        if (sizes.Sum() != x.KnownDimension(at))
            throw KerasException.Configuration($"dimension {axis} of {x.Shape} does not split into {string.Join(" + ", sizes)}");
        return graph.AddMany("SplitV", name, [.. sizes.Select(size => x.Shape.With(at, size))],
            [x, graph.Ints(name + "/Const", sizes), graph.Int(name + "/split_dim", axis)], ("num_split", sizes.Length));
    }

    public static Symbol Tile(this GraphBuilder graph, Symbol x, ImmutableArray<Dimension> multiples, string name = "Tile")
    {
        if (multiples.Length != x.Rank)
            throw KerasException.Configuration($"{multiples.Length} multiples for a tensor of shape {x.Shape}");
        TensorShape shape = TensorShape.Of([.. x.Shape.Dimensions.Select((size, i) => size < 0 || multiples[i].Size < 0 ? -1 : Axes.Product([size, multiples[i].Size]))]);
        return graph.Add("Tile", name, shape, [x, graph.Pack(name + "/multiples", multiples)]);
    }

    /// <summary>Rows of a table by index.</summary>
    public static Symbol Gather(this GraphBuilder graph, Symbol table, Symbol indices, int axis, string name = "GatherV2")
    {
        int at = Axes.Normalize(axis, table.Rank);
        TensorShape shape = TensorShape.Of([.. table.Shape.Dimensions[..at], .. indices.Shape.Dimensions, .. table.Shape.Dimensions[(at + 1)..]]);
        return graph.Add("GatherV2", name, shape, [table, indices, graph.Int(name + "/axis", axis)]);
    }

    /// <summary>Zeros (or another number) around a tensor; null for an axis that is left alone.</summary>
    public static Symbol Pad(this GraphBuilder graph, Symbol x, ImmutableArray<(long Before, long After)> paddings, string name = "Pad", Symbol? value = null, string? mirror = null)
    {
        TensorShape shape = TensorShape.Of([.. x.Shape.Dimensions.Select((size, i) => size < 0 ? -1 : checked(size + paddings[i].Before + paddings[i].After))]);
        int[] flat = [.. paddings.SelectMany(pair => new[] { checked((int)pair.Before), checked((int)pair.After) })];
        Symbol amounts = graph.Constant(name + "/paddings", Tensor.Create<int>(DataType.Int32, TensorShape.Of(paddings.Length, 2), flat));
        if (mirror is not null)
            return graph.Add("MirrorPad", name, shape, [x, amounts], ("mode", mirror));
        return value is null ? graph.Add("Pad", name, shape, [x, amounts]) : graph.Add("PadV2", name, shape, [x, amounts, value]);
    }

    /// <summary>Values broadcast to dimensions.</summary>
    public static Symbol BroadcastTo(this GraphBuilder graph, Symbol x, ImmutableArray<Dimension> dimensions, string name = "BroadcastTo") =>
        graph.Add("BroadcastTo", name, Known(dimensions), [x, graph.Pack(name + "/shape", dimensions)]);
}

/// <summary>Nodes that cut.</summary>
internal static class SliceOps
{
    /// <summary>The elements from <paramref name="start"/> to before <paramref name="end"/> along an axis; a negative end counts from the end, null is the end.</summary>
    public static Symbol SliceAxis(this GraphBuilder graph, Symbol x, int axis, long start, long? end, string name = "strided_slice")
    {
        long[] begins = new long[axis + 1];
        long[] ends = new long[axis + 1];
        begins[axis] = start;
        ends[axis] = end ?? 0;
        long size = x.Shape[axis];
        long stop = end is null ? size : end < 0 ? size < 0 ? -1 : size + end.Value : size < 0 ? -1 : Math.Min(end.Value, size);
        long length = size < 0 && (end is null or < 0) ? -1 : end is > 0 && size < 0 ? -1 : Math.Max(stop - start, 0);
        long others = (1L << axis) - 1;
        return graph.Add("StridedSlice", name, x.Shape.With(axis, length),
            [x, graph.Ints(name + "/stack", begins), graph.Ints(name + "/stack_1", ends), graph.Ints(name + "/stack_2", Enumerable.Repeat(1L, axis + 1))],
            ("begin_mask", others), ("end_mask", end is null ? others | (1L << axis) : others));
    }

    /// <summary>The elements of an axis in reverse order.</summary>
    public static Symbol ReverseAxes(this GraphBuilder graph, Symbol x, params ImmutableArray<int> axes) =>
        graph.Unary("ReverseV2", [x, graph.Ints("ReverseV2/axis", axes.Select(axis => (long)axis))], x.Shape);

    private static Symbol Unary(this GraphBuilder graph, string op, ImmutableArray<Symbol> inputs, TensorShape shape) => graph.Add(op, op, shape, inputs);

    /// <summary>The element of an axis at an index, the axis gone; -1 is the last.</summary>
    public static Symbol Take(this GraphBuilder graph, Symbol x, int axis, long index, string name = "strided_slice")
    {
        long[] begins = new long[axis + 1];
        long[] ends = new long[axis + 1];
        begins[axis] = index;
        ends[axis] = index == -1 ? 0 : index + 1;
        long others = (1L << axis) - 1;
        return graph.Add("StridedSlice", name, x.Shape.Remove(axis),
            [x, graph.Ints(name + "/stack", begins), graph.Ints(name + "/stack_1", ends), graph.Ints(name + "/stack_2", Enumerable.Repeat(1L, axis + 1))],
            ("begin_mask", others), ("end_mask", index == -1 ? others | (1L << axis) : others), ("shrink_axis_mask", 1L << axis));
    }
}
