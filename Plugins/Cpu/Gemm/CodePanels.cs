using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransformFramework.Cpu.Gemm;

/// <summary>
/// Weights of an 8-bit product, packed: panels of as many columns as a tile has, each the start of the sums followed by the weights of each tap, quad and step, column by column.
/// The last panel has only the vectors that it needs; columns past the last and inputs past the depth are zero.
/// </summary>
internal sealed unsafe class CodePanels
{
    private const int Quad = 4;

    private readonly AlignedMemory memory;
    private readonly int width;

    private CodePanels(AlignedMemory memory, CodeTiles tiles, int taps, int depth, int columns)
    {
        this.memory = memory;
        width = tiles.Width;
        PanelColumns = tiles.PanelColumns;
        Taps = taps;
        Depth = depth;
        Columns = columns;
    }

    public int PanelColumns { get; }

    public int Taps { get; }

    /// <summary>Inputs of a tap, rounded up to whole quads.</summary>
    public int Depth { get; }

    public int Columns { get; }

    public int Count => (Columns + PanelColumns - 1) / PanelColumns;

    public long Bytes => memory.Length;

    private int ColumnBytes => sizeof(int) + (Taps * Depth);

    /// <summary>Packs weights.</summary>
    /// <param name="tiles">The kernels that will read them.</param>
    /// <param name="weights">Row-major [taps · depth, columns].</param>
    /// <param name="taps">Number of taps.</param>
    /// <param name="depth">Rows of weights a tap.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="start">Start of each column's sums; empty for zeros.</param>
    public static CodePanels Pack(CodeTiles tiles, ReadOnlySpan<sbyte> weights, int taps, int depth, int columns, ReadOnlySpan<int> start)
    {
        int quads = (depth + Quad - 1) / Quad;
        int rounded = (columns + tiles.Width - 1) / tiles.Width * tiles.Width;
        var panels = new CodePanels(new((long)rounded * (sizeof(int) + (taps * quads * Quad))), tiles, taps, quads * Quad, columns);
        for (int panel = 0; !start.IsEmpty && panel < panels.Count; panel++)
            start.Slice(panel * panels.PanelColumns, panels.UsedOf(panel)).CopyTo(new(panels.Panel(panel), panels.UsedOf(panel)));
        for (int tap = 0; tap < taps; tap++)
        {
            for (int k = 0; k < depth; k += Quad)
            {
                int inputs = Math.Min(Quad, depth - k);
                panels.PackQuads(tiles, weights.Slice(((tap * depth) + k) * columns, inputs * columns), inputs, (tap * panels.Depth) + k);
            }
        }
        return panels;
    }

    /// <summary>Start of a panel.</summary>
    public sbyte* Panel(int panel) => (sbyte*)memory.Pointer + ((long)panel * PanelColumns * ColumnBytes);

    /// <summary>Columns of a panel with its padding, whole vectors.</summary>
    public int ColumnsOf(int panel) => Math.Min(PanelColumns, (Columns - (panel * PanelColumns) + width - 1) / width * width);

    /// <summary>Vectors of a panel.</summary>
    public int VectorsOf(int panel) => ColumnsOf(panel) / width;

    private int UsedOf(int panel) => Math.Min(PanelColumns, Columns - (panel * PanelColumns));

    /// <summary>Packs up to four rows of weights, of the inputs from one on, into all panels.</summary>
    private void PackQuads(CodeTiles tiles, ReadOnlySpan<sbyte> rows, int inputs, int input)
    {
        for (int panel = 0; panel < Count; panel++)
        {
            int stride = ColumnsOf(panel);
            sbyte* quad = Panel(panel) + (stride * (sizeof(int) + (nint)input));
            PackQuad(tiles, rows[(panel * PanelColumns)..], inputs, UsedOf(panel), stride, quad);
        }
    }

    /// <summary>Puts the weights of a quad's inputs, rows of the matrix from a panel's first column on, into the places that its steps expect.</summary>
    private void PackQuad(CodeTiles tiles, ReadOnlySpan<sbyte> rows, int inputs, int used, int stride, sbyte* quad)
    {
        int packed = inputs == Quad ? PackVectors(tiles, rows, used, stride, quad) : 0;
        for (int place = 0; place < Quad; place++)
        {
            int input = tiles.QuadOrder[place];
            sbyte* target = quad + (place / tiles.StepBytes * stride * tiles.StepBytes) + (place % tiles.StepBytes);
            for (int column = packed; input < inputs && column < used; column++)
                target[column * tiles.StepBytes] = rows[(input * Columns) + column];
        }
    }

    /// <summary>Packs a whole quad for as many columns as fill vectors.</summary>
    /// <returns>The number of these columns.</returns>
    private int PackVectors(CodeTiles tiles, ReadOnlySpan<sbyte> rows, int used, int stride, sbyte* quad)
    {
        if (tiles.StepBytes == 1)
            return 0;
        int column = 0;
        fixed (sbyte* start = rows)
        {
            byte* row0 = (byte*)start + (tiles.QuadOrder[0] * Columns);
            byte* row1 = (byte*)start + (tiles.QuadOrder[1] * Columns);
            byte* row2 = (byte*)start + (tiles.QuadOrder[2] * Columns);
            byte* row3 = (byte*)start + (tiles.QuadOrder[3] * Columns);
            for (; column + Vector128<byte>.Count <= used; column += Vector128<byte>.Count)
            {
                Vector128<ushort> low0 = LowPairs(row0 + column, row1 + column);
                Vector128<ushort> high0 = HighPairs(row0 + column, row1 + column);
                Vector128<ushort> low1 = LowPairs(row2 + column, row3 + column);
                Vector128<ushort> high1 = HighPairs(row2 + column, row3 + column);
                if (tiles.StepBytes == Quad)
                    StoreQuads((uint*)quad + column, low0, high0, low1, high1);
                else
                    StorePairs((ushort*)quad + column, (ushort*)quad + stride + column, low0, high0, low1, high1);
            }
        }
        return column;
    }

    /// <summary>The first eight bytes of two rows, alternating.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> LowPairs(byte* even, byte* odd) => Vector128.WidenLower(Vector128.Load(even)) | (Vector128.WidenLower(Vector128.Load(odd)) << 8);

    /// <summary>The next eight bytes of two rows, alternating.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> HighPairs(byte* even, byte* odd) => Vector128.WidenUpper(Vector128.Load(even)) | (Vector128.WidenUpper(Vector128.Load(odd)) << 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePairs(ushort* first, ushort* second, Vector128<ushort> low0, Vector128<ushort> high0, Vector128<ushort> low1, Vector128<ushort> high1)
    {
        low0.Store(first);
        high0.Store(first + Vector128<ushort>.Count);
        low1.Store(second);
        high1.Store(second + Vector128<ushort>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreQuads(uint* target, Vector128<ushort> low0, Vector128<ushort> high0, Vector128<ushort> low1, Vector128<ushort> high1)
    {
        (Vector128.WidenLower(low0) | (Vector128.WidenLower(low1) << 16)).Store(target);
        (Vector128.WidenUpper(low0) | (Vector128.WidenUpper(low1) << 16)).Store(target + 4);
        (Vector128.WidenLower(high0) | (Vector128.WidenLower(high1) << 16)).Store(target + 8);
        (Vector128.WidenUpper(high0) | (Vector128.WidenUpper(high1) << 16)).Store(target + 12);
    }
}
