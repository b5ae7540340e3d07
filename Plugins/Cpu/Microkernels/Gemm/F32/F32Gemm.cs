using System.Runtime.CompilerServices;

namespace TransformFramework.Cpu.Microkernels.Gemm.F32;

/// <summary>A float product or convolution with packed weights: output = clamp(input · weights + bias + residual), block by block, tile by tile.</summary>
internal sealed unsafe class F32Gemm
{
    private const int MaxMr = 6;
    private const int MaxNr = 64;

    private readonly F32GemmKernels tiles;
    private readonly F32Panels weights;
    private readonly RowOffsets rows;
    private readonly Blocking blocking;
    private readonly int outputStride;

    /// <param name="tiles">The kernels.</param>
    /// <param name="weights">Packed for these kernels.</param>
    /// <param name="rows">Where the input is.</param>
    /// <param name="rowBytes">Bytes of input that a row brings along; windows share most of theirs.</param>
    /// <param name="outputStride">Floats from one row of output and residual to the next.</param>
    /// <param name="threads">Threads that will share the blocks.</param>
    public F32Gemm(F32GemmKernels tiles, F32Panels weights, RowOffsets rows, long rowBytes, int outputStride, int threads)
    {
        this.outputStride = outputStride;
        this.tiles = tiles;
        this.weights = weights;
        this.rows = rows;
        blocking = Blocking.Of(rows.Rows, rows.Mr, rowBytes, sizeof(float) * (long)weights.Columns, weights.Count, weights.Bytes, threads);
    }

    /// <summary>Number of blocks, which may run at the same time.</summary>
    public int Blocks => blocking.Count;

    /// <summary>Computes one block.</summary>
    /// <param name="origin">What the row offsets count from.</param>
    /// <param name="output">First element of the rows.</param>
    /// <param name="residual">Of the output's shape, added before clamping; or null. It may be the output itself.</param>
    /// <param name="low">Smallest output.</param>
    /// <param name="high">Largest output.</param>
    /// <param name="block">Number of the block.</param>
    public void Run(byte* origin, float* output, float* residual, float low, float high, int block)
    {
        int* scratch = stackalloc int[MaxMr];
        float* overhang = stackalloc float[MaxMr * MaxNr];
        int columns = weights.Columns;
        F32GemmTile tile = new() { Base = origin, Taps = weights.Taps, Depth = weights.Depth, ResidualStride = outputStride, Low = low, High = high };
        int firstRow = block / blocking.PanelBlocks * blocking.BlockRows;
        int lastRow = Math.Min(rows.Rows, firstRow + blocking.BlockRows);
        int firstPanel = block % blocking.PanelBlocks * blocking.BlockPanels;
        int lastPanel = Math.Min(weights.Count, firstPanel + blocking.BlockPanels);
        int rowTiles = (lastRow - firstRow + rows.Mr - 1) / rows.Mr;
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int column = panel * weights.Nr;
            int vectors = weights.VectorsOf(panel);
            bool overhangs = column + (vectors * tiles.Lanes) > columns;
            tile.Weights = weights.Panel(panel);
            tile.Next = (byte*)weights.Panel(panel + 1);
            tile.NextStep = vectors * tiles.Lanes * sizeof(float) / rowTiles;
            nint share = tile.NextStep * weights.Taps * weights.Depth;
            for (int row = firstRow; row < lastRow; row += rows.Mr, tile.Next += share)
            {
                int count = Math.Min(rows.Mr, lastRow - row);
                nint at = ((nint)row * outputStride) + column;
                tile.Rows = rows.Tile(row, scratch);
                tile.Residual = residual == null ? null : residual + at;
                tile.Output = overhangs ? overhang : output + at;
                tile.OutputStride = overhangs ? MaxNr : outputStride;
                tiles.Run(&tile, count, vectors);
                if (overhangs)
                    CopyRows(overhang, output + at, count, columns - column, outputStride);
            }
        }
    }

    private static void CopyRows(float* source, float* target, int rows, int columns, int stride)
    {
        for (int r = 0; r < rows; r++)
            Unsafe.CopyBlockUnaligned(target + ((nint)r * stride), source + (r * MaxNr), (uint)columns * sizeof(float));
    }
}
