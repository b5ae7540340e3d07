using System.Runtime.CompilerServices;

namespace TransformFramework.Cpu.Gemm;

/// <summary>A float product or convolution with packed weights: output = clamp(input · weights + bias + residual), block by block, tile by tile.</summary>
internal sealed unsafe class FloatProduct
{
    private const int MostTileRows = 6;
    private const int MostPanelColumns = 64;

    private readonly FloatTiles tiles;
    private readonly FloatPanels weights;
    private readonly RowOffsets rows;
    private readonly Blocking blocking;

    /// <param name="tiles">The kernels.</param>
    /// <param name="weights">Packed for these kernels.</param>
    /// <param name="rows">Where the input lies.</param>
    /// <param name="rowBytes">Bytes of input that a row brings along; windows share most of theirs.</param>
    /// <param name="threads">Threads that will share the blocks.</param>
    public FloatProduct(FloatTiles tiles, FloatPanels weights, RowOffsets rows, long rowBytes, int threads)
    {
        this.tiles = tiles;
        this.weights = weights;
        this.rows = rows;
        blocking = Blocking.Of(rows.Rows, rows.TileRows, rowBytes, sizeof(float) * (long)weights.Columns, weights.Count, weights.Bytes, threads);
    }

    /// <summary>Number of blocks, which may run at the same time.</summary>
    public int Blocks => blocking.Count;

    /// <summary>Computes one block.</summary>
    /// <param name="origin">What the row offsets count from.</param>
    /// <param name="output">Row-major [rows, columns].</param>
    /// <param name="residual">Of the output's shape, added before clamping; or null. It may be the output itself.</param>
    /// <param name="low">Smallest output.</param>
    /// <param name="high">Largest output.</param>
    /// <param name="block">Number of the block.</param>
    public void Run(byte* origin, float* output, float* residual, float low, float high, int block)
    {
        int* scratch = stackalloc int[MostTileRows];
        float* overhang = stackalloc float[MostTileRows * MostPanelColumns];
        int columns = weights.Columns;
        FloatTile tile = new() { Base = origin, Taps = weights.Taps, Depth = weights.Depth, ResidualStride = columns, Low = low, High = high };
        int firstRow = block / blocking.PanelBlocks * blocking.BlockRows;
        int lastRow = Math.Min(rows.Rows, firstRow + blocking.BlockRows);
        int firstPanel = block % blocking.PanelBlocks * blocking.BlockPanels;
        int lastPanel = Math.Min(weights.Count, firstPanel + blocking.BlockPanels);
        int rowTiles = (lastRow - firstRow + rows.TileRows - 1) / rows.TileRows;
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int column = panel * weights.PanelColumns;
            int vectors = weights.VectorsOf(panel);
            bool overhangs = column + (vectors * tiles.Width) > columns;
            tile.Weights = weights.Panel(panel);
            tile.Next = (byte*)weights.Panel(panel + 1);
            tile.NextStep = vectors * tiles.Width * sizeof(float) / rowTiles;
            nint share = tile.NextStep * weights.Taps * weights.Depth;
            for (int row = firstRow; row < lastRow; row += rows.TileRows, tile.Next += share)
            {
                int count = Math.Min(rows.TileRows, lastRow - row);
                nint at = ((nint)row * columns) + column;
                tile.Rows = rows.Tile(row, scratch);
                tile.Residual = residual == null ? null : residual + at;
                tile.Output = overhangs ? overhang : output + at;
                tile.OutputStride = overhangs ? MostPanelColumns : columns;
                tiles.Run(&tile, count, vectors);
                if (overhangs)
                    CopyRows(overhang, output + at, count, columns - column, columns);
            }
        }
    }

    private static void CopyRows(float* source, float* target, int rows, int columns, int stride)
    {
        for (int r = 0; r < rows; r++)
            Unsafe.CopyBlockUnaligned(target + ((nint)r * stride), source + (r * MostPanelColumns), (uint)columns * sizeof(float));
    }
}
