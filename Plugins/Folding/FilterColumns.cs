using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
        byte[] content = GC.AllocateUninitializedArray<byte>(checked((int)(weights.ElementCount * sizeof(float))));
        Scale(weights, factors, content);
        return Tensor.FromContent(DataType.Float, weights.Shape, content);
    }

    /// <summary>The same into memory of as many elements.</summary>
    public static void Scale(Tensor weights, ReadOnlySpan<float> factors, Span<byte> content)
    {
        Span<float> elements = MemoryMarshal.Cast<byte, float>(content);
        ReadOnlySpan<float> source = MappedPages.TryRead(weights.StoredBytes, content) ? elements : weights.AsSpan<float>();
        for (int start = 0; start < elements.Length; start += factors.Length)
        {
            int count = Math.Min(factors.Length, elements.Length - start);
            Multiply(source.Slice(start, count), factors[..count], elements.Slice(start, count));
        }
        MappedPages.Release(weights.StoredBytes);
    }

    /// <summary>Products one by one; compiled ahead of time, where generic code for any numbers is compiled at each start.</summary>
    private static void Multiply(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> products)
    {
        int wide = left.Length - (left.Length % Vector256<float>.Count);
        for (int i = 0; i < wide; i += Vector256<float>.Count)
            (Vector256.Create(left.Slice(i, Vector256<float>.Count)) * Vector256.Create(right.Slice(i, Vector256<float>.Count))).CopyTo(products[i..]);
        for (int i = wide; i < left.Length; i++)
            products[i] = left[i] * right[i];
    }

    private static long At(TensorShape shape, int dimension) => dimension < shape.Rank ? shape[dimension] : 0;
}
