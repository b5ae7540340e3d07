using System.Runtime.InteropServices;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Folding;

/// <summary>Output channels of weights: the filter's last dimension, in·multiplier for depthwise filters, the columns of a matrix.</summary>
internal static class FilterColumns
{
    /// <summary>Number of output channels of a Conv2D, DepthwiseConv2dNative or MatMul with these weights; a missing dimension counts as 0.</summary>
    public static long Count(string op, TensorShape weights) => op switch
    {
        "DepthwiseConv2dNative" => At(weights, 2) * At(weights, 3),
        "MatMul" => At(weights, 1),
        _ => At(weights, 3),
    };

    /// <summary>w[i]·factors[i mod columns], each product rounded once.</summary>
    public static Tensor Scale(Tensor weights, ReadOnlySpan<float> factors)
    {
        Tensor scaled = Tensor.Allocate<float>(DataType.Float, weights.Shape, out var elements);
        ReadOnlySpan<float> source = MappedPages.TryRead(weights.StoredBytes, MemoryMarshal.AsBytes(elements)) ? elements : weights.AsSpan<float>();
        for (int start = 0; start < elements.Length; start += factors.Length)
        {
            int count = Math.Min(factors.Length, elements.Length - start);
            System.Numerics.Tensors.TensorPrimitives.Multiply(source.Slice(start, count), factors[..count], elements.Slice(start, count));
        }
        MappedPages.Release(weights.StoredBytes);
        return scaled;
    }

    private static long At(TensorShape shape, int dimension) => dimension < shape.Rank ? shape[dimension] : 0;
}
