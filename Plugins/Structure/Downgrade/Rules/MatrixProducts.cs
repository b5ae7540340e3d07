using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>
/// Products of batches of matrices.
/// <code>
/// BatchMatMulV3(x: Ta, y: Tb)              →   BatchMatMulV2(Cast(x), Cast(y)) {T=Tout}
/// BatchMatMulV2(x [a, b, m, k], y [k, n])  →   Reshape(MatMul(Reshape(x, [-1, k]), y), [a, b, m, n])
/// BatchMatMulV2(x, y)                      →   BatchMatMul(x·ones, y·ones)    with the joint batch shape, where the batch shapes are not known to be equal
/// </code>
/// </summary>
internal static class MatrixProducts
{
    private const int SmallestBatch = 3;

    public static Decline? MixedTypes(DowngradeSite site)
    {
        DataType type = site.Node.Type("Tout");
        return site.Replace(site.Add("BatchMatMulV2", [site.Cast(site.Inputs[0], type), site.Cast(site.Inputs[1], type)], [("T", type), .. Adjoints(site)]));
    }

    public static Decline? BatchMatMul(DowngradeSite site)
    {
        if (site.Node.Bool("grad_x", false) || site.Node.Bool("grad_y", false))
            return site.Decline("it is the gradient of a product");
        NodeInput x = site.Inputs[0];
        NodeInput y = site.Inputs[1];
        TensorShape left = site.Shape(x);
        TensorShape right = site.Shape(y);
        if (left.IsUnknownRank || right.IsUnknownRank)
            return site.Decline("the ranks of its operands are not known");
        if (right.Rank == 2 && !site.Node.Bool("adj_x", false))
            return OneMatrix(site, x, y, left, right);
        if (left.Rank == right.Rank && left.Rank >= SmallestBatch && Enumerable.Range(0, left.Rank - 2).All(axis => left[axis] >= 0 && left[axis] == right[axis]))
            return site.Replace(site.Add("BatchMatMul", [x, y], [("T", site.Type(x)), .. Adjoints(site)]));
        return Broadcasting(site, x, y, left, right);
    }

    private static Decline? OneMatrix(DowngradeSite site, NodeInput x, NodeInput y, TensorShape left, TensorShape right)
    {
        DataType type = site.Type(x);
        bool transposed = site.Node.Bool("adj_y", false);
        if (transposed && type is DataType.Complex64 or DataType.Complex128)
            y = site.Unary("Conj", y);
        long inner = transposed ? right[1] : right[0];
        long columns = transposed ? right[0] : right[1];
        if (inner < 0 || columns < 0)
            return site.Decline("the shape of its right operand is not known");
        NodeInput flat = left.Rank == 2 ? x : site.Reshape(x, -1, inner);
        NodeInput product = site.Add("MatMul", [flat, y], ("T", type), ("transpose_b", transposed));
        return site.Replace(left.Rank == 2 ? product : site.Reshape(product, Outer(site, x, left, columns)));
    }

    /// <summary>The shape of x with its last dimension replaced.</summary>
    private static NodeInput Outer(DowngradeSite site, NodeInput x, TensorShape shape, long columns)
    {
        long[] outer = [.. shape.Dimensions.Take(shape.Rank - 1), columns];
        return outer.Count(dimension => dimension < 0) <= 1 ? site.Ints(outer) : site.Concat(0, site.Slice(site.ShapeOf(x), [0], [shape.Rank - 1]), site.Ints(columns));
    }

    private static Decline? Broadcasting(DowngradeSite site, NodeInput x, NodeInput y, TensorShape left, TensorShape right)
    {
        NodeInput batch = site.Add("BroadcastArgs", [Batch(site, x, left), Batch(site, y, right)], ("T", DataType.Int32));
        NodeInput shape = site.Concat(0, batch, site.Ints(1, 1));
        return site.Replace(site.Add("BatchMatMul", [site.Broadcast(x, shape), site.Broadcast(y, shape)], [("T", site.Type(x)), .. Adjoints(site)]));
    }

    private static NodeInput Batch(DowngradeSite site, NodeInput x, TensorShape shape) =>
        shape.Dimensions.Take(shape.Rank - 2).All(dimension => dimension >= 0) ? site.Ints([.. shape.Dimensions.Take(shape.Rank - 2)]) : site.Slice(site.ShapeOf(x), [0], [shape.Rank - 2]);

    private static (string Name, AttributeValue Value)[] Adjoints(DowngradeSite site) => [("adj_x", site.Node.Bool("adj_x", false)), ("adj_y", site.Node.Bool("adj_y", false))];
}
