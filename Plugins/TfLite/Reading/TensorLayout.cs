using TransformFramework.Graphs;

namespace TransformFramework.TfLite.Reading;

/// <summary>Rearranged copies of constants.</summary>
internal static class TensorLayout
{
    /// <summary>The tensor with its dimensions in another order.</summary>
    /// <param name="tensor">Elements of a fixed size.</param>
    /// <param name="order">For each dimension of the result, the tensor's.</param>
    public static Tensor Transpose(Tensor tensor, params ReadOnlySpan<int> order)
    {
        int size = tensor.Type.Size();
        int rank = order.Length;
        long[] shape = new long[rank];
        long[] strides = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            shape[i] = tensor.Shape[order[i]];
            strides[i] = size;
            for (int axis = order[i] + 1; axis < rank; axis++)
                strides[i] *= tensor.Shape[axis];
        }
        byte[] result = new byte[checked((int)(tensor.ElementCount * size))];
        ReadOnlySpan<byte> source = tensor.Bytes.Span;
        long[] index = new long[rank];
        long from = 0;
        for (int at = 0; at < result.Length; at += size)
        {
            source.Slice((int)from, size).CopyTo(result.AsSpan(at));
            for (int axis = rank - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < shape[axis])
                    break;
                from -= strides[axis] * shape[axis];
                index[axis] = 0;
            }
        }
        return Tensor.FromContent(tensor.Type, TensorShape.Of(shape), result);
    }

    /// <summary>The same elements in another shape of as many.</summary>
    public static Tensor Reshape(Tensor tensor, params ReadOnlySpan<long> shape) => Tensor.FromContent(tensor.Type, TensorShape.Of(shape), tensor.Bytes);
}
