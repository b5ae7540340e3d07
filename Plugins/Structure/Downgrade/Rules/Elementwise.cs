using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>Ops that compute element by element.</summary>
internal static class Elementwise
{
    /// <summary>max(x, a·x), or min where a is above 1.</summary>
    public static Decline? LeakyRelu(DowngradeSite site)
    {
        float alpha = site.Node.Float("alpha", 0.2f);
        NodeInput x = site.Inputs[0];
        return site.Replace(site.Binary(alpha > 1 ? "Minimum" : "Maximum", x, site.Binary("Mul", site.Scalar(site.Type(x), alpha), x)));
    }

    public static Decline? ClipByValue(DowngradeSite site) =>
        site.Replace(site.Binary("Maximum", site.Binary("Minimum", site.Inputs[0], site.Inputs[2]), site.Inputs[1]));

    /// <summary>x / y, 0 where y is 0.</summary>
    public static Decline? DivNoNan(DowngradeSite site) => ZeroWhere(site, site.Inputs[1], site.Binary("RealDiv", site.Inputs[0], site.Inputs[1]));

    /// <summary>x · y, 0 where y is 0.</summary>
    public static Decline? MulNoNan(DowngradeSite site) => ZeroWhere(site, site.Inputs[1], site.Binary("Mul", site.Inputs[0], site.Inputs[1]));

    /// <summary>x · log y, 0 where x is 0.</summary>
    public static Decline? Xlogy(DowngradeSite site) => ZeroWhere(site, site.Inputs[0], site.Binary("Mul", site.Inputs[0], site.Unary("Log", site.Inputs[1])));

    /// <summary>x · log(1 + y), 0 where x is 0.</summary>
    public static Decline? Xlog1py(DowngradeSite site) => ZeroWhere(site, site.Inputs[0], site.Binary("Mul", site.Inputs[0], site.Unary("Log1p", site.Inputs[1])));

    /// <summary>x / y, 0 where x is 0.</summary>
    public static Decline? Xdivy(DowngradeSite site) => ZeroWhere(site, site.Inputs[0], site.Binary("RealDiv", site.Inputs[0], site.Inputs[1]));

    /// <summary>√ Σ x².</summary>
    public static Decline? EuclideanNorm(DowngradeSite site)
    {
        if (site.Type(site.Inputs[0]) is DataType.Complex64 or DataType.Complex128)
            return site.Decline("its elements are complex");
        return site.Replace(site.Unary("Sqrt", site.Sum(site.Unary("Square", site.Inputs[0]), site.Inputs[1], site.Node.Bool("keep_dims", false))));
    }

    /// <summary>Equal and NotEqual of shapes that may not fit each other: a constant where they do not.</summary>
    public static Decline? Compare(DowngradeSite site)
    {
        if (site.Node.Bool("incompatible_shape_error", true))
            return site.Decline("its type is not one of the target's");
        TensorShape left = site.Shape(site.Inputs[0]);
        TensorShape right = site.Shape(site.Inputs[1]);
        if (!left.IsFullyKnown || !right.IsFullyKnown)
            return site.Decline("the shapes of its operands are not known");
        return SiteMath.Broadcast(left, right) is null
            ? site.Replace(site.Scalar(DataType.Bool, site.Node.Op == "NotEqual" ? 1 : 0))
            : site.Become(site.Node.Without("incompatible_shape_error"));
    }

    private static Decline? ZeroWhere(DowngradeSite site, NodeInput operand, NodeInput result)
    {
        NodeInput isZero = site.Binary("Equal", operand, site.Scalar(site.Type(operand), 0));
        TensorShape? joint = site.Joint(site.Inputs.AsSpan());
        if (joint is null || !joint.Equals(site.Shape(operand)))
            isZero = site.Broadcast(isZero, joint is null ? site.Add("Shape", [result], ("T", site.Type(result)), ("out_type", DataType.Int32)) : site.Ints(joint.Dimensions.AsSpan()));
        return site.Replace(site.Select(isZero, site.Unary("ZerosLike", result), result));
    }
}
