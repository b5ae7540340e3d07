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
        if (type is DataType.String or DataType.Resource or DataType.Variant)
            return site.Decline($"{type.Name()} elements cannot be broadcast");
        NodeInput shape = site.JointShape(operands);
        NodeInput[] equal = [.. operands.Select(operand => joint is not null && joint.Equals(site.Shape(operand)) ? operand : site.Broadcast(operand, shape))];
        return site.Replace(site.Select(equal[0], equal[1], equal[2]));
    }

    public static Decline? BroadcastTo(DowngradeSite site)
    {
        NodeInput x = site.Inputs[0];
        return site.Type(x) is DataType.String or DataType.Resource or DataType.Variant
            ? site.Decline($"{site.Type(x).Name()} elements cannot be broadcast")
            : site.Replace(site.Broadcast(x, site.Cast(site.Inputs[1], DataType.Int32)));
    }
}
