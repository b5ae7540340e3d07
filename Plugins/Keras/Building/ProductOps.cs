using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Building;

/// <summary>Nodes of matrix products.</summary>
internal static class ProductOps
{
    /// <summary>The product of two matrices.</summary>
    public static Symbol MatMul(this GraphBuilder graph, Symbol x, Symbol y, string name = "MatMul", bool transposeY = false)
    {
        long inner = y.Shape[transposeY ? 1 : 0];
        if (x.Rank != 2 || y.Rank != 2 || (x.Shape[1] >= 0 && inner >= 0 && x.Shape[1] != inner))
            throw KerasException.Configuration($"shapes {x.Shape} and {y.Shape} cannot be multiplied");
        return graph.Add("MatMul", name, TensorShape.Of(x.Shape[0], y.Shape[transposeY ? 0 : 1]), [x, y], ("transpose_a", false), ("transpose_b", transposeY));
    }

    /// <summary>The product of matrices in the last two axes.</summary>
    public static Symbol BatchMatMul(this GraphBuilder graph, Symbol x, Symbol y, bool adjointX = false, bool adjointY = false, string name = "MatMul")
    {
        if (x.Rank < 2 || y.Rank < 2 || x.Type != y.Type)
            throw KerasException.Configuration($"shapes {x.Shape} and {y.Shape} cannot be multiplied");
        long rows = x.Dimension(adjointX ? -1 : -2);
        long left = x.Dimension(adjointX ? -2 : -1);
        long right = y.Dimension(adjointY ? -1 : -2);
        if (left >= 0 && right >= 0 && left != right)
            throw KerasException.Configuration($"shapes {x.Shape} and {y.Shape} cannot be multiplied");
        TensorShape batch = Axes.Broadcast(TensorShape.Of(x.Shape.Dimensions[..^2]), TensorShape.Of(y.Shape.Dimensions[..^2]));
        TensorShape shape = TensorShape.Of([.. batch.Dimensions, rows, y.Dimension(adjointY ? -2 : -1)]);
        return graph.Add("BatchMatMulV2", name, shape, [x, y], ("adj_x", adjointX), ("adj_y", adjointY));
    }

    /// <summary>A sum over labelled axes, without <c>...</c> (see <see cref="EinsumEquation"/>).</summary>
    public static Symbol Einsum(this GraphBuilder graph, string equation, ImmutableArray<Symbol> inputs, string name = "einsum/Einsum")
    {
        TensorShape shape = EinsumEquation.OutputShape(equation, inputs);
        return graph.Add("Einsum", name, shape, inputs, ("equation", equation));
    }

    /// <summary>The bias added to the channels.</summary>
    public static Symbol BiasAdd(this GraphBuilder graph, Symbol x, Symbol bias, bool channelsFirst = false, string name = "BiasAdd")
    {
        if (bias.Rank != 1)
            throw KerasException.Configuration($"a bias of shape {bias.Shape}");
        return graph.Add("BiasAdd", name, x.Shape, [x, bias], ("data_format", channelsFirst ? "NCHW" : "NHWC"));
    }
}
