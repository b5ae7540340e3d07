using System.Numerics;
using System.Runtime.InteropServices;

namespace TransformFramework.Cpu.Kernels.MatrixProduct;

/// <summary>The reference matrix product: c[m, n] += Σ a[m, k]·b[k, n], row by row over b.</summary>
internal static class ReferenceGemm
{
    /// <summary>Adds the product of row-major matrices.</summary>
    public static void Add<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> c, int rows, int inner, int columns)
        where T : unmanaged, INumber<T>
    {
        for (int m = 0; m < rows; m++)
        {
            Span<T> sums = c.Slice(m * columns, columns);
            for (int k = 0; k < inner; k++)
                AddScaled(sums, a[(m * inner) + k], b.Slice(k * columns, columns));
        }
    }

    /// <summary>The product of row-major matrices of complex numbers.</summary>
    public static Complex[] Multiply(ReadOnlySpan<Complex> a, ReadOnlySpan<Complex> b, int rows, int inner, int columns)
    {
        var c = new Complex[checked(rows * columns)];
        for (int i = 0; i < c.Length; i++)
        {
            for (int k = 0; k < inner; k++)
                c[i] += a[(i / columns * inner) + k] * b[(k * columns) + (i % columns)];
        }
        return c;
    }

    /// <summary>The transpose of a row-major matrix.</summary>
    public static T[] Transpose<T>(ReadOnlySpan<T> matrix, int rows, int columns)
    {
        T[] transposed = new T[matrix.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
                transposed[(c * rows) + r] = matrix[(r * columns) + c];
        }
        return transposed;
    }

    private static void AddScaled<T>(Span<T> sums, T factor, ReadOnlySpan<T> row)
        where T : unmanaged, INumber<T>
    {
        int done = 0;
        if (Vector<T>.IsSupported)
        {
            var wide = MemoryMarshal.Cast<T, Vector<T>>(sums);
            var rows = MemoryMarshal.Cast<T, Vector<T>>(row);
            var factors = new Vector<T>(factor);
            for (int i = 0; i < wide.Length; i++)
                wide[i] += factors * rows[i];
            done = wide.Length * Vector<T>.Count;
        }
        for (int i = done; i < sums.Length; i++)
            sums[i] += factor * row[i];
    }
}
