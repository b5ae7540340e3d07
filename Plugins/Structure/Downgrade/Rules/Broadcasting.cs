using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>Ops that broadcast where older ones do not: operands are multiplied by ones of the joint shape.</summary>
internal static class Broadcasting
{
    /// <summary>Select of operands in their joint shape.</summary>
    public static Decline? Select(DowngradeSite site)
    {
        NodeInput[] operands = [.. site.Inputs];
        DataType type = site.Type(operands[1]);
        TensorShape? joint = site.Joint(operands);
        if (joint is not null && operands.All(operand => joint.Equals(site.Shape(operand))))
            return site.Become(site.Node with { Op = "Select" });
        if (type is DataType.String && joint is not null)
            return site.Replace(site.Select(site.Broadcast(operands[0], site.JointShape(operands)), Tiled(site, operands[1], joint), Tiled(site, operands[2], joint)));
        if (type is DataType.String or DataType.Resource or DataType.Variant)
            return site.Decline($"{type.Name()} elements cannot be broadcast");
        NodeInput shape = site.JointShape(operands);
        NodeInput[] equal = [.. operands.Select(operand => joint is not null && joint.Equals(site.Shape(operand)) ? operand : site.Broadcast(operand, shape))];
        return site.Replace(site.Select(equal[0], equal[1], equal[2]));
    }

    /// <summary>Elements repeated to a shape that the tensor's broadcasts to; also strings, which cannot be multiplied by ones.</summary>
    private static NodeInput Tiled(DowngradeSite site, NodeInput x, TensorShape target)
    {
        TensorShape shape = site.Shape(x);
        long[] filled = [.. Enumerable.Repeat(1L, target.Rank - shape.Rank), .. shape.Dimensions];
        long[] multiples = [.. filled.Select((size, i) => size == target[i] ? 1 : target[i])];
        NodeInput ranked = filled.Length == shape.Rank ? x : site.Reshape(x, filled);
        return target.Rank == 0 ? x : site.Add("Tile", [ranked, site.Ints(multiples)], ("T", site.Type(x)), ("Tmultiples", DataType.Int32));
    }

    public static Decline? BroadcastTo(DowngradeSite site)
    {
        NodeInput x = site.Inputs[0];
        if (site.Type(x) == DataType.String && site.Shape(x).IsFullyKnown && site.Integers(site.Inputs[1]) is { } target && target.Length >= site.Shape(x).Rank)
            return site.Replace(Tiled(site, x, TensorShape.Of(target)));
        return site.Type(x) is DataType.String or DataType.Resource or DataType.Variant
            ? site.Decline($"{site.Type(x).Name()} elements cannot be broadcast")
            : site.Replace(site.Broadcast(x, site.Cast(site.Inputs[1], DataType.Int32)));
    }
}
