using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Arrays;

/// <summary>Turns arrays of other layouts into rows of little-endian numbers.</summary>
internal static class NpyLayout
{
    /// <summary>The numbers with the bytes of each the other way round.</summary>
    /// <param name="content">Whole numbers of the size.</param>
    /// <param name="size">Bytes of a number.</param>
    public static byte[] Reversed(ReadOnlySpan<byte> content, int size)
    {
        byte[] reversed = content.ToArray();
        for (int at = 0; at + size <= reversed.Length; at += size)
            reversed.AsSpan(at, size).Reverse();
        return reversed;
    }

    /// <summary>Elements that are stored with the first dimension fastest, with the last fastest.</summary>
    /// <param name="content">The elements.</param>
    /// <param name="shape">Dimensions, in the order of the array's indexes.</param>
    /// <param name="size">Bytes of an element.</param>
    public static byte[] ByRows(ReadOnlySpan<byte> content, TensorShape shape, int size)
    {
        byte[] rows = new byte[content.Length];
        long[] dimensions = [.. shape.Dimensions];
        long[] strides = new long[dimensions.Length];
        for (long d = 0, stride = 1; d < dimensions.Length; stride *= dimensions[d], d++)
            strides[d] = stride;
        long[] index = new long[dimensions.Length];
        long from = 0;
        for (int at = 0; at < rows.Length; at += size)
        {
            content.Slice((int)(from * size), size).CopyTo(rows.AsSpan(at));
            for (int d = dimensions.Length - 1; d >= 0; d--)
            {
                from += strides[d];
                if (++index[d] < dimensions[d])
                    break;
                from -= strides[d] * dimensions[d];
                index[d] = 0;
            }
        }
        return rows;
    }
}
