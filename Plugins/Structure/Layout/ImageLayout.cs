using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Structure.Layout;

/// <summary>A change of the order of an image's dimensions: dimension i of the new order is dimension <c>Order[i]</c> of the old one.</summary>
internal sealed record ImageLayout(string Old, string New, ImmutableArray<int> Order)
{
    public static readonly ImageLayout ToNhwc = new("NCHW", "NHWC", [0, 2, 3, 1]);

    public static readonly ImageLayout ToNchw = new("NHWC", "NCHW", [0, 3, 1, 2]);

    /// <summary>The order that leads back.</summary>
    public ImmutableArray<int> Back => [.. Enumerable.Range(0, Order.Length).Select(dimension => Order.IndexOf(dimension))];

    /// <summary>Number that a dimension of the old order has in the new one; negative numbers count from the end.</summary>
    public long Dimension(long old) => Order.IndexOf((int)(old < 0 ? old + Order.Length : old));

    /// <summary>A list with one entry a dimension, or two, in the new order.</summary>
    public ImmutableArray<AttributeValue> Permuted(ImmutableArray<AttributeValue> list) => list.Length switch
    {
        4 => [.. Order.Select(dimension => list[dimension])],
        8 => [.. Order.SelectMany(dimension => new[] { list[2 * dimension], list[(2 * dimension) + 1] })],
        _ => list,
    };

    /// <summary>A tensor's elements in the new order; ranks below 4 are filled up with leading ones, as broadcasting does.</summary>
    public Tensor Permuted(Tensor tensor) => Permute(tensor, Order);

    private static Tensor Permute(Tensor tensor, ImmutableArray<int> order)
    {
        long[] dimensions = [.. Enumerable.Repeat(1L, order.Length - tensor.Shape.Rank), .. tensor.Shape.Dimensions];
        long[] permuted = [.. order.Select(dimension => dimensions[dimension])];
        int size = tensor.Type.Size();
        ReadOnlySpan<byte> source = tensor.Bytes.Span;
        byte[] target = new byte[source.Length];
        long[] strides = new long[order.Length];
        long stride = 1;
        for (int i = order.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= dimensions[i];
        }
        long[] position = new long[order.Length];
        for (int element = 0; element < target.Length / size; element++)
        {
            long from = 0;
            for (int i = 0; i < order.Length; i++)
                from += position[i] * strides[order[i]];
            source.Slice((int)from * size, size).CopyTo(target.AsSpan(element * size));
            for (int i = order.Length - 1; i >= 0 && ++position[i] == permuted[i]; i--)
                position[i] = 0;
        }
        return Tensor.FromContent(tensor.Type, TensorShape.Of(permuted), target);
    }
}
