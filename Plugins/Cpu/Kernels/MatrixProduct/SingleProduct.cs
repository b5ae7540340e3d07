using TransformFramework.Cpu.Kernels.Elementwise;

namespace TransformFramework.Cpu.Kernels.MatrixProduct;

/// <summary>Products of float matrices to the bit as TensorFlow 1.15's on x86: quantized values downstream depend on the last bit.</summary>
internal static class SingleProduct
{
    private const int LargestBlock = 384;
    private const int BlockUnit = 8;
    private const int ShortVector = 128;
    private const int WideRow = 8000;

    /// <summary>
    /// result = left × right. Several rows: fused multiply-adds one after the other over blocks of the inner dimension, as few as possible of at most 384, about equal and multiples of 8, whose sums
    /// are added up. A single row: products rounded before the sums, over blocks of 16, or of 4 for wide rows.
    /// </summary>
    /// <param name="left">Elements [rows, inner].</param>
    /// <param name="right">Elements [inner, columns].</param>
    /// <param name="result">Receives [rows, columns].</param>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">Columns of the result.</param>
    public static void Multiply(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> result, int rows, int columns)
    {
        result.Clear();
        if (left.IsEmpty || result.IsEmpty)
            return;
        int inner = left.Length / rows;
        for (int row = 0; row < rows; row++)
            Row(left.Slice(row * inner, inner), right, result.Slice(row * columns, columns), isVector: rows == 1);
    }

    /// <summary>One row of a product; <paramref name="isVector"/> when it is the only one.</summary>
    public static void Row(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> row, bool isVector)
    {
        row.Clear();
        if (left.IsEmpty || row.IsEmpty)
            return;
        float[] sums = new float[row.Length];
        int block = isVector ? VectorBlock(left.Length, row.Length) : MatrixBlock(left.Length);
        for (int first = 0; first < left.Length; first += block)
        {
            Array.Clear(sums);
            for (int k = first; k < Math.Min(first + block, left.Length); k++)
            {
                ReadOnlySpan<float> factors = right.Slice(k * row.Length, row.Length);
                if (isVector)
                    Accumulate.AddScaled(sums, left[k], factors);
                else
                    Accumulate.AddFused(sums, left[k], factors);
            }
            Accumulate.AddScaled(row, 1, sums);
        }
    }

    /// <summary>result = matrix × vector, each element by packets: products rounded before the sums.</summary>
    public static void Dots(ReadOnlySpan<float> matrix, ReadOnlySpan<float> vector, Span<float> result)
    {
        for (int i = 0; i < result.Length; i++)
            result[i] = PacketMath.Dot(matrix.Slice(i * vector.Length, vector.Length), vector);
    }

    /// <summary>Rows of a block of the inner dimension where there are several rows.</summary>
    public static int MatrixBlock(int inner)
    {
        int blocks = (inner + LargestBlock - 1) / LargestBlock;
        int equal = (inner + blocks - 1) / blocks;
        return (equal + BlockUnit - 1) / BlockUnit * BlockUnit;
    }

    private static int VectorBlock(int inner, int columns)
    {
        if (inner < ShortVector)
            return inner;
        return columns < WideRow ? 16 : 4;
    }
}
