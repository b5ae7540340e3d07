using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Export;

/// <summary>Rearranged copies of constants.</summary>
internal static class Constants
{
    private const int ImageRank = 4;

    /// <summary>A constant of an operation with an image, with dimensions of 1 put before it and the channels second. One element stays as it is.</summary>
    public static Tensor ToChannelsFirst(Tensor constant)
    {
        if (constant.ElementCount == 1)
            return constant;
        long[] padded = [.. Enumerable.Repeat(1L, ImageRank - constant.Shape.Rank), .. constant.Shape.Dimensions];
        return Transpose(Tensor.FromContent(constant.Type, TensorShape.Of(padded), constant.Bytes), 0, 3, 1, 2);
    }

    /// <summary>The constant with its dimensions in another order.</summary>
    public static Tensor Transpose(Tensor tensor, params ReadOnlySpan<int> order)
    {
        int size = tensor.Type.Size();
        long[] target = new long[order.Length];
        long[] steps = new long[order.Length];
        long[] strides = Strides(tensor.Shape);
        for (int i = 0; i < order.Length; i++)
        {
            target[i] = tensor.Shape[order[i]];
            steps[i] = strides[order[i]] * size;
        }
        byte[] bytes = new byte[tensor.ElementCount * size];
        ReadOnlySpan<byte> source = tensor.Bytes.Span;
        long[] index = new long[order.Length];
        long from = 0;
        for (int at = 0; at < bytes.Length; at += size)
        {
            source.Slice((int)from, size).CopyTo(bytes.AsSpan(at));
            from = Next(index, target, steps, from);
        }
        return Tensor.FromContent(tensor.Type, TensorShape.Of(target), bytes);
    }

    private static long Next(long[] index, long[] dimensions, long[] steps, long from)
    {
        for (int i = index.Length - 1; i >= 0; i--)
        {
            from += steps[i];
            if (++index[i] < dimensions[i])
                return from;
            from -= steps[i] * dimensions[i];
            index[i] = 0;
        }
        return from;
    }

    private static long[] Strides(TensorShape shape)
    {
        long[] strides = new long[shape.Rank];
        long stride = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }
}
