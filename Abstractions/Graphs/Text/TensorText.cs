namespace TransformFramework.Graphs.Text;

/// <summary>When the stored bytes of a tensor are written as elements.</summary>
internal static class TensorText
{
    public static bool HasElements(Tensor tensor)
    {
        int size = tensor.Type.Size();
        if (size == 0)
            return tensor.Encoding == TensorEncoding.Values && tensor.StoredBytes.IsEmpty && tensor.Type != DataType.String;
        if (tensor.Encoding == TensorEncoding.Values)
            return tensor.StoredBytes.Length % size == 0;
        return HasContentOf(tensor.Shape, tensor.StoredBytes.Length, size);
    }

    /// <summary>True when the bytes are as many as the shape asks for.</summary>
    public static bool HasContentOf(TensorShape shape, long bytes, int size)
    {
        if (!shape.IsFullyKnown)
            return false;
        Int128 expected = size;
        foreach (long dimension in shape.Dimensions)
        {
            expected *= dimension;
            if (expected > int.MaxValue && !shape.Dimensions.Contains(0))
                return false;
            expected = Int128.Min(expected, int.MaxValue);
        }
        return expected == bytes;
    }
}
