using System.Runtime.CompilerServices;

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
        for (int panel = 0; panel < panels.Count; panel++)
        {
            int first = panel * panels.PanelColumns;
            int used = Math.Min(panels.PanelColumns, columns - first);
            if (!start.IsEmpty)
                start.Slice(first, used).CopyTo(new(panels.Panel(panel), used));
            panels.PackPanel(tiles, weights, panel, depth);
        }
        return panels;
    }

    /// <summary>Start of a panel.</summary>
    public sbyte* Panel(int panel) => (sbyte*)memory.Pointer + ((long)panel * PanelColumns * ColumnBytes);

    /// <summary>Columns of a panel with its padding, whole vectors.</summary>
    public int ColumnsOf(int panel) => Math.Min(PanelColumns, (Columns - (panel * PanelColumns) + width - 1) / width * width);

    /// <summary>Vectors of a panel.</summary>
    public int VectorsOf(int panel) => ColumnsOf(panel) / width;

    private void PackPanel(CodeTiles tiles, ReadOnlySpan<sbyte> weights, int panel, int depth)
    {
        int stride = ColumnsOf(panel);
        int first = panel * PanelColumns;
        int used = Math.Min(stride, Columns - first);
        sbyte* quads = Panel(panel) + (stride * sizeof(int));
        for (int tap = 0; tap < Taps; tap++)
        {
            for (int k = 0; k < depth; k++)
            {
                sbyte* quad = quads + ((nint)((tap * Depth) + (k / Quad * Quad)) * stride);
                PackRow(tiles, weights.Slice((((tap * depth) + k) * Columns) + first, used), k % Quad, stride, quad);
            }
        }
    }

    /// <summary>Puts the weights of one input into the places that the steps of its quad expect.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackRow(CodeTiles tiles, ReadOnlySpan<sbyte> row, int input, int stride, sbyte* quad)
    {
        int place = tiles.QuadOrder.IndexOf((byte)input);
        sbyte* target = quad + (place / tiles.StepBytes * stride * tiles.StepBytes) + (place % tiles.StepBytes);
        for (int column = 0; column < row.Length; column++)
            target[column * tiles.StepBytes] = row[column];
    }
}
