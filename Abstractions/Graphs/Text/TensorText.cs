namespace TransformFramework.Graphs.Text;

/// <summary>When the stored bytes of a tensor are written as elements.</summary>
internal static class TensorText
{
    public static bool HasElements(Tensor tensor)
    {
        int size = tensor.Type.Size();
        if (size == 0)
            return tensor.StoredBytes.IsEmpty;
        if (tensor.Encoding == TensorEncoding.Values)
            return tensor.StoredBytes.Length % size == 0;
        return HasContentOf(tensor.Shape, tensor.StoredBytes.Length, size);
    }

    /// <summary>True when the bytes are as many as the shape asks for.</summary>
    public static bool HasContentOf(TensorShape shape, long bytes, int size) =>
        shape.TryCount(out long count) && count <= bytes && count * size == bytes;
}
