using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Building;

/// <summary>Arithmetic on axes and partly known shapes; -1 is an unknown dimension.</summary>
internal static class Axes
{
    /// <summary>Most elements that a shape of a model may have.</summary>
    private const long Most = 1L << 48;

    /// <summary>The axis counted from the front.</summary>
    /// <exception cref="KerasException">It is out of range.</exception>
    public static int Normalize(long axis, int rank) =>
        axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw KerasException.Configuration($"axis {axis} does not exist in a tensor of rank {rank}");

    /// <summary>The axes counted from the front, in ascending order.</summary>
    public static ImmutableArray<int> Normalize(IEnumerable<long> axes, int rank) => [.. axes.Select(axis => Normalize(axis, rank)).Distinct().Order()];

    /// <summary>The product, or -1 when one is unknown.</summary>
    /// <exception cref="KerasException">It is too large.</exception>
    public static long Product(IEnumerable<long> dimensions)
    {
        long product = 1;
        bool unknown = false;
        foreach (long dimension in dimensions)
        {
            if (dimension < 0)
                unknown = true;
            else if (dimension > 0 && product > Most / dimension)
                throw KerasException.Configuration("a tensor has more than 2^48 elements");
            else
                product *= dimension;
        }
        return unknown ? -1 : product;
    }

    /// <summary>The shape of an elementwise operation.</summary>
    /// <exception cref="KerasException">The shapes do not fit.</exception>
    public static TensorShape Broadcast(TensorShape left, TensorShape right)
    {
        if (left.IsUnknownRank || right.IsUnknownRank)
            return TensorShape.Unknown;
        int rank = Math.Max(left.Rank, right.Rank);
        long[] dimensions = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            long a = i < rank - left.Rank ? 1 : left[i - (rank - left.Rank)];
            long b = i < rank - right.Rank ? 1 : right[i - (rank - right.Rank)];
            if (a > 1 && b > 1 && a != b)
                throw KerasException.Configuration($"the shapes {left} and {right} do not fit each other");
            dimensions[i] = a == 1 ? b : b == 1 ? a : Math.Max(a, b);
        }
        return TensorShape.Of(dimensions);
    }

    /// <summary>The shape after a reduction.</summary>
    public static TensorShape Reduce(TensorShape shape, ImmutableArray<int> axes, bool keep)
    {
        var dimensions = new List<long>();
        for (int i = 0; i < shape.Rank; i++)
        {
            if (!axes.Contains(i))
                dimensions.Add(shape[i]);
            else if (keep)
                dimensions.Add(1);
        }
        return TensorShape.Of([.. dimensions]);
    }

    /// <summary>The shape with one dimension replaced.</summary>
    public static TensorShape With(this TensorShape shape, int axis, long size) => TensorShape.Of(shape.Dimensions.SetItem(axis, size));

    /// <summary>The shape with one dimension inserted.</summary>
    public static TensorShape Insert(this TensorShape shape, int axis, long size) => TensorShape.Of(shape.Dimensions.Insert(axis, size));

    /// <summary>The shape without one dimension.</summary>
    public static TensorShape Remove(this TensorShape shape, int axis) => TensorShape.Of(shape.Dimensions.RemoveAt(axis));

    /// <summary>A shape with unknown dimensions where two alternatives differ.</summary>
    public static TensorShape Merge(TensorShape left, TensorShape right) =>
        left.IsUnknownRank || right.IsUnknownRank || left.Rank != right.Rank
            ? TensorShape.Unknown
            : TensorShape.Of([.. left.Dimensions.Zip(right.Dimensions, (a, b) => a == b ? a : -1)]);
}
