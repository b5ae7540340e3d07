using System.Numerics;
using System.Runtime.InteropServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.F32;

/// <summary>
/// Weights of a float product, packed: panels of as many columns as a tile has, each the bias followed by one row of columns for each tap and k. The last panel has
/// only the vectors that it needs; columns past the last are zero.
/// </summary>
internal sealed unsafe class F32Panels
{
    private readonly AlignedMemory memory;
    private readonly int width;

    private F32Panels(AlignedMemory memory, int width, int panelColumns, int taps, int depth, int columns)
    {
        this.memory = memory;
        this.width = width;
        Nr = panelColumns;
        Taps = taps;
        Depth = depth;
        Columns = columns;
    }

    public int Nr { get; }

    public int Taps { get; }

    public int Depth { get; }

    public int Columns { get; }

    public int Count => (Columns + Nr - 1) / Nr;

    public long Bytes => memory.Length;

    /// <summary>Packs weights.</summary>
    /// <param name="tiles">The kernels that will read them.</param>
    /// <param name="weights">Row-major [taps · depth, columns].</param>
    /// <param name="taps">Number of taps.</param>
    /// <param name="depth">Rows of weights a tap.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="scale">Factor of each column; empty for none.</param>
    /// <param name="bias">Start of each column's sums; empty for zeros.</param>
    public static F32Panels Pack(F32GemmKernels tiles, ReadOnlySpan<float> weights, int taps, int depth, int columns, ReadOnlySpan<float> scale, ReadOnlySpan<float> bias)
    {
        F32Panels panels = Zeros(tiles, taps, depth, columns);
        if (!bias.IsEmpty)
            panels.FillBias(bias);
        for (int panel = 0; panel < panels.Count; panel++)
        {
            for (int k = 0; k < taps * depth; k++)
                panels.Fill(panel, k, weights.Slice(k * columns, columns), scale);
        }
        return panels;
    }

    /// <summary>Panels of zeros.</summary>
    public static F32Panels Zeros(F32GemmKernels tiles, int taps, int depth, int columns)
    {
        int rounded = RoundUp(columns, tiles.Lanes);
        return new(new(sizeof(float) * (long)rounded * (1 + (taps * depth))), tiles.Lanes, tiles.Contract.Nr, taps, depth, columns);
    }

    /// <summary>Packs a row of weights.</summary>
    /// <param name="row">Number of the row, of all taps.</param>
    /// <param name="weights">A weight for each column.</param>
    /// <param name="scale">Factor of each column; empty for none.</param>
    public void Fill(int row, ReadOnlySpan<float> weights, ReadOnlySpan<float> scale)
    {
        for (int panel = 0; panel < Count; panel++)
            Fill(panel, row, weights, scale);
    }

    /// <summary>Packs the start of each column's sums.</summary>
    public void FillBias(ReadOnlySpan<float> bias)
    {
        for (int panel = 0; panel < Count; panel++)
            bias.Slice(panel * Nr, UsedOf(panel)).CopyTo(new(Panel(panel), UsedOf(panel)));
    }

    /// <summary>Start of a panel.</summary>
    public float* Panel(int panel) => (float*)memory.Pointer + ((long)panel * Nr * (1 + (Taps * Depth)));

    /// <summary>Columns of a panel with its padding, whole vectors.</summary>
    public int ColumnsOf(int panel) => Math.Min(Nr, RoundUp(Columns - (panel * Nr), width));

    /// <summary>Vectors of a panel.</summary>
    public int VectorsOf(int panel) => ColumnsOf(panel) / width;

    /// <summary>Multiplies a row by a factor for each column.</summary>
    public static void Multiply(Span<float> row, ReadOnlySpan<float> factors)
    {
        var wide = MemoryMarshal.Cast<float, Vector<float>>(row);
        var wideFactors = MemoryMarshal.Cast<float, Vector<float>>(factors);
        for (int i = 0; i < wide.Length; i++)
            wide[i] *= wideFactors[i];
        for (int i = wide.Length * Vector<float>.Count; i < row.Length; i++)
            row[i] *= factors[i];
    }

    private int UsedOf(int panel) => Math.Min(Nr, Columns - (panel * Nr));

    private void Fill(int panel, int row, ReadOnlySpan<float> weights, ReadOnlySpan<float> scale)
    {
        int first = panel * Nr;
        var target = new Span<float>(Panel(panel) + ((row + 1L) * ColumnsOf(panel)), UsedOf(panel));
        weights.Slice(first, target.Length).CopyTo(target);
        if (!scale.IsEmpty)
            Multiply(target, scale.Slice(first, target.Length));
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
