using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Quantized.Gemm;

/// <summary>The right side of integer matrix products, its columns packed in panels of two vectors. Sums wrap around in 32 bits, so the order of summation does not matter.</summary>
internal sealed class PackedMatrix
{
    private const int Mr = 4;

    private static readonly int PanelColumns = 2 * Vector<int>.Count;

    private readonly int inner;
    private readonly int columns;
    private readonly int[] panels;

    /// <param name="matrix">Elements row by row, [inner, columns].</param>
    /// <param name="inner">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    public PackedMatrix(ReadOnlySpan<int> matrix, int inner, int columns)
    {
        this.inner = inner;
        this.columns = columns;
        int count = (columns + PanelColumns - 1) / PanelColumns;
        panels = new int[checked(count * inner * PanelColumns)];
        for (int panel = 0; panel < count; panel++)
        {
            int first = panel * PanelColumns;
            int used = Math.Min(PanelColumns, columns - first);
            for (int k = 0; k < inner; k++)
                matrix.Slice((k * columns) + first, used).CopyTo(panels.AsSpan(((panel * inner) + k) * PanelColumns));
        }
    }

    /// <summary>result = rows × matrix; rows are [count, inner], the result [count, columns].</summary>
    public unsafe void Multiply(ReadOnlySpan<int> rows, int count, Span<int> result)
    {
        int* tile = stackalloc int[Mr * PanelColumns];
        fixed (int* left = rows)
        fixed (int* right = panels)
        {
            for (int column = 0; column < columns; column += PanelColumns)
            {
                int used = Math.Min(PanelColumns, columns - column);
                for (int row = 0; row < count; row += Mr)
                {
                    int last = count - 1;
                    Tile(left + (row * inner), left + (Math.Min(row + 1, last) * inner), left + (Math.Min(row + 2, last) * inner), left + (Math.Min(row + 3, last) * inner),
                        right + (column * inner), inner, tile);
                    for (int i = 0; i < Mr && row + i < count; i++)
                        new ReadOnlySpan<int>(tile + (i * PanelColumns), used).CopyTo(result[(((row + i) * columns) + column)..]);
                }
            }
        }
    }

    private static unsafe void Tile(int* row0, int* row1, int* row2, int* row3, int* panel, int inner, int* tile)
    {
        Vector<int> left0 = default, right0 = default, left1 = default, right1 = default, left2 = default, right2 = default, left3 = default, right3 = default;
        for (int k = 0; k < inner; k++, panel += 2 * Vector<int>.Count)
        {
            Vector<int> left = Vector.Load(panel);
            Vector<int> right = Vector.Load(panel + Vector<int>.Count);
            var factor = new Vector<int>(row0[k]);
            left0 += factor * left;
            right0 += factor * right;
            factor = new Vector<int>(row1[k]);
            left1 += factor * left;
            right1 += factor * right;
            factor = new Vector<int>(row2[k]);
            left2 += factor * left;
            right2 += factor * right;
            factor = new Vector<int>(row3[k]);
            left3 += factor * left;
            right3 += factor * right;
        }
        Vector.Store(left0, tile);
        Vector.Store(right0, tile + Vector<int>.Count);
        Vector.Store(left1, tile + (2 * Vector<int>.Count));
        Vector.Store(right1, tile + (3 * Vector<int>.Count));
        Vector.Store(left2, tile + (4 * Vector<int>.Count));
        Vector.Store(right2, tile + (5 * Vector<int>.Count));
        Vector.Store(left3, tile + (6 * Vector<int>.Count));
        Vector.Store(right3, tile + (7 * Vector<int>.Count));
    }
}
