using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>Reading and writing by indices.</summary>
internal static class Indexing
{
    /// <summary>GatherV2 with batch dimensions: over the flattened batch, the indices of batch b plus b times the size of the axis.</summary>
    public static Decline? Gather(DowngradeSite site)
    {
        var (x, indices) = (site.Inputs[0], site.Inputs[1]);
        TensorShape shape = site.Shape(x);
        TensorShape places = site.Shape(indices);
        if (shape.IsUnknownRank || places.IsUnknownRank || site.Integers(site.Inputs[2]) is not [var axis])
            return site.Decline("its ranks or its axis are not known");
        long batch = site.Node.Long("batch_dims", 0);
        batch += batch < 0 ? places.Rank : 0;
        axis += axis < 0 ? shape.Rank : 0;
        if (batch == 0)
            return axis == 0 ? site.Become(new Node(site.Node.Name, "Gather", x, indices).With("Tparams", site.Type(x)).With("Tindices", site.Type(indices))) : site.Decline("its axis is not 0");
        if (axis == batch)
            return site.Replace(Batched(site, x, shape, (int)batch, places.Rank));
        if (axis < batch || axis >= shape.Rank)
            return site.Decline("its axis is one of its batch dimensions");
        int[] order = [.. Enumerable.Range(0, (int)batch), (int)axis, .. Enumerable.Range((int)batch, (int)(axis - batch)), .. Enumerable.Range((int)axis + 1, shape.Rank - (int)axis - 1)];
        NodeInput moved = site.Transpose(x, [.. order.Select(dimension => (long)dimension)]);
        NodeInput gathered = Batched(site, moved, TensorShape.Of([.. order.Select(dimension => shape[dimension])]), (int)batch, places.Rank);
        int[] own = [.. Enumerable.Range((int)batch, places.Rank - (int)batch)];
        int[] between = [.. Enumerable.Range(places.Rank, (int)(axis - batch))];
        int[] behind = [.. Enumerable.Range(places.Rank + between.Length, shape.Rank - (int)axis - 1)];
        return site.Replace(site.Transpose(gathered, [.. Enumerable.Range(0, (int)batch).Concat(between).Concat(own).Concat(behind).Select(dimension => (long)dimension)]));
    }

    /// <summary>Elements of the axis behind the batch, whose dimensions data and indices share.</summary>
    private static NodeInput Batched(DowngradeSite site, NodeInput x, TensorShape shape, int batch, int rank)
    {
        NodeInput indices = site.Inputs[1];
        if (shape.Dimensions.Take(batch + 1).Any(dimension => dimension < 0))
            return OpenBatch(site, x, batch, rank);
        long count = shape.Dimensions.Take(batch).Aggregate(1L, (product, dimension) => product * dimension);
        long size = shape[batch];
        NodeInput flat = shape.Dimensions.Skip(batch + 1).Count(dimension => dimension < 0) <= 1
            ? site.Reshape(x, [count * size, .. shape.Dimensions.Skip(batch + 1)])
            : site.Reshape(x, site.Concat(0, site.Ints(count * size), site.Slice(site.ShapeOf(x), [batch + 1], [-1])));
        int[] offsets = [.. Enumerable.Range(0, checked((int)count)).Select(number => checked((int)(number * size)))];
        TensorShape offsetShape = TensorShape.Of([.. shape.Dimensions.Take(batch), .. Enumerable.Repeat(1L, rank - batch)]);
        NodeInput offset = site.Cast(site.Const(Tensor.Create<int>(DataType.Int32, offsetShape, offsets)), site.Type(indices));
        return site.Gather(flat, site.Binary("Add", indices, offset));
    }

    /// <summary>The same where the batch or the size of the axis is known only when the graph runs.</summary>
    private static NodeInput OpenBatch(DowngradeSite site, NodeInput x, int batch, int rank)
    {
        NodeInput indices = site.Inputs[1];
        NodeInput shape = site.ShapeOf(x);
        NodeInput head = site.Slice(shape, [0], [batch]);
        NodeInput size = site.Slice(shape, [batch], [1]);
        NodeInput count = site.Add("Prod", [head, site.Ints(0)], ("T", DataType.Int32), ("Tidx", DataType.Int32), ("keep_dims", true));
        NodeInput flat = site.Reshape(x, site.Concat(0, site.Binary("Mul", count, size), site.Slice(shape, [batch + 1], [-1])));
        NodeInput numbers = site.Add("Range", [site.Int(0), site.Reshape(count, site.Ints()), site.Int(1)], ("Tidx", DataType.Int32));
        NodeInput offsets = site.Reshape(site.Binary("Mul", numbers, size), site.Concat(0, head, site.Ints([.. Enumerable.Repeat(1L, rank - batch)])));
        return site.Gather(flat, site.Binary("Add", indices, site.Cast(offsets, site.Type(indices))));
    }

    /// <summary>GatherNd that gives zeros for indices outside: they are clamped, and what they read is replaced.</summary>
    public static Decline? GatherNd(DowngradeSite site)
    {
        if (site.Node.String("bad_indices_policy", "") is "" or "DEFAULT" or "ERROR")
            return site.Become(site.Node.Without("bad_indices_policy"));
        var (x, indices) = (site.Inputs[0], site.Inputs[1]);
        TensorShape shape = site.Shape(x);
        TensorShape places = site.Shape(indices);
        if (places.Rank < 1 || places[places.Rank - 1] < 0 || shape.IsUnknownRank || shape.Dimensions.Take((int)places[places.Rank - 1]).Any(dimension => dimension < 0))
            return site.Decline("the shape of its data or the size of its indices is not known");
        int depth = (int)places[places.Rank - 1];
        if (depth < shape.Rank && places.Rank != 2)
            return site.Decline("it reads slices by more than a list of indices");
        DataType type = site.Type(indices);
        NodeInput limits = site.Cast(site.Ints([.. shape.Dimensions.Take(depth)]), type);
        NodeInput last = site.Cast(site.Ints([.. shape.Dimensions.Take(depth).Select(dimension => dimension - 1)]), type);
        NodeInput zero = site.Scalar(type, 0);
        NodeInput inside = site.And(site.Binary("GreaterEqual", indices, zero), site.Binary("Less", indices, limits));
        NodeInput all = site.Add("All", [inside, site.Ints(places.Rank - 1)], ("Tidx", DataType.Int32), ("keep_dims", false));
        NodeInput clamped = site.Binary("Maximum", site.Binary("Minimum", indices, last), zero);
        NodeInput read = site.Add("GatherNd", [x, clamped], ("Tparams", site.Type(x)), ("Tindices", type));
        return site.Replace(site.Select(all, read, site.Unary("ZerosLike", read)));
    }

    public static Decline? ScatterAdd(DowngradeSite site) => site.Replace(site.Binary("Add", site.Inputs[0], Scattered(site, site.Inputs[2])));

    public static Decline? ScatterSub(DowngradeSite site) => site.Replace(site.Binary("Sub", site.Inputs[0], Scattered(site, site.Inputs[2])));

    /// <summary>The update where ones are scattered too. An index that occurs twice would be added up.</summary>
    public static Decline? ScatterUpdate(DowngradeSite site)
    {
        var (x, indices, updates) = (site.Inputs[0], site.Inputs[1], site.Inputs[2]);
        if (site.Integers(indices) is { } known && HasTwice(known, site.Shape(indices)))
            return site.Decline("an index occurs twice");
        NodeInput count = Scattered(site, site.Unary("OnesLike", updates));
        NodeInput isWritten = site.Binary("Greater", count, site.Scalar(site.Type(x), 0));
        return site.Replace(site.Select(isWritten, Scattered(site, updates), x));
    }

    /// <summary>Where of numbers: those that are not 0.</summary>
    public static Decline? Where(DowngradeSite site)
    {
        NodeInput x = site.Inputs[0];
        return site.Replace(site.Add("Where", [site.Binary("NotEqual", x, site.Scalar(site.Type(x), 0))]));
    }

    public static Decline? Fill(DowngradeSite site) =>
        site.Replace(site.Add("Fill", [site.Cast(site.Inputs[0], DataType.Int32), site.Inputs[1]], ("T", site.Type(site.Inputs[1]))));

    /// <summary>Two slices, put together the other way round, along each axis.</summary>
    public static Decline? Roll(DowngradeSite site)
    {
        NodeInput x = site.Inputs[0];
        TensorShape shape = site.Shape(x);
        if (shape.IsUnknownRank || site.Integers(site.Inputs[1]) is not { } shifts || site.Integers(site.Inputs[2]) is not { } axes || shifts.Length != axes.Length)
            return site.Decline("its rank, shift or axis is not known");
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = (int)(axes[i] < 0 ? axes[i] + shape.Rank : axes[i]);
            long size = shape[axis];
            if (size < 0)
                return site.Decline($"the size of its axis {axis} is not known");
            long shift = size == 0 ? 0 : ((shifts[i] % size) + size) % size;
            if (shift != 0)
                x = site.Concat(axis, Part(site, x, shape.Rank, axis, size - shift, shift), Part(site, x, shape.Rank, axis, 0, size - shift));
        }
        return site.Replace(x);
    }

    private static NodeInput Part(DowngradeSite site, NodeInput x, int rank, int axis, long begin, long size)
    {
        long[] begins = new long[rank];
        long[] sizes = [.. Enumerable.Repeat(-1L, rank)];
        begins[axis] = begin;
        sizes[axis] = size;
        return site.Slice(x, begins, sizes);
    }

    private static NodeInput Scattered(DowngradeSite site, NodeInput updates)
    {
        NodeInput indices = site.Inputs[1];
        NodeInput shape = site.Cast(site.ShapeOf(site.Inputs[0]), site.Type(indices));
        return site.Add("ScatterNd", [indices, updates, shape], ("T", site.Type(updates)), ("Tindices", site.Type(indices)));
    }

    private static bool HasTwice(long[] indices, TensorShape shape)
    {
        int depth = shape.Rank > 0 ? (int)shape[shape.Rank - 1] : 1;
        var rows = depth > 0 ? indices.Chunk(depth).Select(row => string.Join(",", row)).ToArray() : [];
        return rows.Distinct(StringComparer.Ordinal).Count() < rows.Length;
    }
}
