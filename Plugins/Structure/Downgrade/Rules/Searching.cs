using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>Searching, counting and numbering.</summary>
internal static class Searching
{
    /// <summary>How many sorted values are less than each: every value is compared with every other.</summary>
    public static Decline? LowerBound(DowngradeSite site) => Count(site, "Less");

    /// <summary>How many sorted values are not greater than each.</summary>
    public static Decline? UpperBound(DowngradeSite site) => Count(site, "LessEqual");

    /// <summary>The place of a number in a tensor: quotients and remainders by the sizes after each axis.</summary>
    public static Decline? UnravelIndex(DowngradeSite site)
    {
        NodeInput indices = site.Inputs[0];
        if (site.Integers(site.Inputs[1]) is not { } dimensions)
            return site.Decline("its dimensions are not constant");
        DataType type = site.Type(indices);
        var parts = new List<NodeInput>();
        long after = dimensions.Aggregate(1L, (product, dimension) => product * dimension);
        foreach (long dimension in dimensions)
        {
            after = dimension == 0 ? 1 : after / dimension;
            NodeInput quotient = site.Binary("FloorDiv", indices, site.Scalar(type, after));
            parts.Add(site.Binary("FloorMod", quotient, site.Scalar(type, dimension)));
        }
        return site.Replace(site.Add("Pack", [.. parts], ("N", parts.Count), ("T", type), ("axis", 0)));
    }

    public static Decline? DenseBincount(DowngradeSite site)
    {
        if (site.Node.Bool("binary_output", false) || site.Shape(site.Inputs[0]).Rank != 1)
            return site.Decline("it is binary, or counts in more than one row");
        NodeInput weights = site.Inputs[2];
        return site.Replace(site.Add("Bincount", [site.Cast(site.Inputs[0], DataType.Int32), site.Cast(site.Inputs[1], DataType.Int32), weights], ("T", site.Type(weights))));
    }

    /// <summary>Casts of the number before and the indices after.</summary>
    public static Decline? TopK(DowngradeSite site)
    {
        Node node = site.Node;
        NodeInput top = site.Add("TopKV2", [site.Inputs[0], site.Cast(site.Inputs[1], DataType.Int32)], ("T", node.Type("T")), ("sorted", node.Bool("sorted", true)));
        return site.Replace(top, site.IsRead(1) ? site.Cast(NodeInput.Data(top.Node, 1), node.Type("index_type", DataType.Int32)) : top);
    }

    /// <summary>The exact largest elements of an axis, or the smallest by their negatives.</summary>
    public static Decline? ApproxTopK(DowngradeSite site)
    {
        Node node = site.Node;
        NodeInput x = site.Inputs[0];
        long axis = node.Long("reduction_dimension", -1);
        int rank = site.Shape(x).IsUnknownRank ? -1 : site.Shape(x).Rank;
        if (!node.Bool("aggregate_to_topk", true) || (axis != -1 && rank < 0))
            return site.Decline("it gives more than the k best, or the rank of its data is not known");
        bool isLast = axis == -1 || axis == rank - 1;
        long[] exchange = [.. Enumerable.Range(0, Math.Max(rank, 0)).Select(i => (long)i)];
        if (!isLast)
        {
            axis += axis < 0 ? rank : 0;
            (exchange[axis], exchange[^1]) = (exchange[^1], exchange[axis]);
        }
        bool isMaximum = node.Bool("is_max_k", true);
        NodeInput data = isLast ? x : site.Transpose(x, exchange);
        NodeInput top = site.Add("TopKV2", [isMaximum ? data : site.Unary("Neg", data), site.Int(node.Long("k"))], ("T", site.Type(x)), ("sorted", true));
        NodeInput values = isMaximum ? top : site.Unary("Neg", top);
        NodeInput indices = NodeInput.Data(top.Node, 1);
        return isLast ? site.Replace(values, indices) : site.Replace(site.Transpose(values, exchange), site.Transpose(indices, exchange));
    }

    public static Decline? ConcatOffset(DowngradeSite site)
    {
        DataType type = site.Node.Type("shape_type", DataType.Int32);
        NodeInput[] shapes = [.. site.Inputs.Skip(1).Select(shape => site.Cast(shape, DataType.Int32))];
        NodeInput offsets = site.Add("ConcatOffset", [site.Inputs[0], .. shapes], ("N", shapes.Length));
        return site.Replace([.. Enumerable.Range(0, shapes.Length).Select(port => site.IsRead(port) || port == 0 ? site.Cast(NodeInput.Data(offsets.Node, port), type) : offsets)]);
    }

    private static Decline? Count(DowngradeSite site, string comparison)
    {
        NodeInput isBefore = site.Binary(comparison, site.ExpandDims(site.Inputs[0], 1), site.ExpandDims(site.Inputs[1], 2));
        return site.Replace(site.Sum(site.Cast(isBefore, site.Node.Type("out_type", DataType.Int32)), site.Ints(2)));
    }
}
