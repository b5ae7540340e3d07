namespace TransformFramework.Cpu.Microkernels.Gemm.U8S8;

/// <summary>What happens to the accumulators of a tile while they are in the cache.</summary>
internal unsafe interface IAccumulatorSink
{
    /// <summary>Takes a tile of accumulators.</summary>
    /// <param name="arena">What buffer offsets count from.</param>
    /// <param name="accumulators">First sum.</param>
    /// <param name="stride">Integers from one row of accumulators to the next.</param>
    /// <param name="row">First output row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="column">First output column.</param>
    /// <param name="columns">Number of columns; accumulators up to the next whole vector may be read.</param>
    void Take(byte* arena, int* accumulators, int stride, int row, int rows, int column, int columns);
}

/// <summary>An 8-bit product or convolution with packed weights, block by block, tile by tile; a sink takes the accumulators.</summary>
internal sealed unsafe class U8S8Gemm
{
    private const int MaxMr = 6;
    private const int MaxNr = 64;

    private readonly U8S8GemmKernels tiles;
    private readonly U8S8Panels weights;
    private readonly RowOffsets rows;
    private readonly Blocking blocking;

    /// <param name="tiles">The kernels.</param>
    /// <param name="weights">Packed for these kernels.</param>
    /// <param name="rows">Where the input lies.</param>
    /// <param name="rowBytes">Bytes of input that a row brings along; windows share most of theirs.</param>
    /// <param name="outputBytes">Bytes of an element that the sink writes.</param>
    /// <param name="threads">Threads that will share the blocks.</param>
    public U8S8Gemm(U8S8GemmKernels tiles, U8S8Panels weights, RowOffsets rows, long rowBytes, int outputBytes, int threads)
    {
        this.tiles = tiles;
        this.weights = weights;
        this.rows = rows;
        blocking = Blocking.Of(rows.Rows, rows.Mr, rowBytes, outputBytes * (long)weights.Columns, weights.Count, weights.Bytes, threads);
    }

    /// <summary>Number of blocks, which may run at the same time.</summary>
    public int Blocks => blocking.Count;

    /// <summary>Computes one block.</summary>
    /// <param name="arena">What the row offsets count from.</param>
    /// <param name="block">Number of the block.</param>
    /// <param name="sink">Takes the accumulators.</param>
    /// <param name="requantization">
    /// The first row's requantization from its first column on, its stride set; panels of whole vectors then go past the sink. Null for none.
    /// </param>
    public void Run<TSink>(byte* arena, int block, ref TSink sink, U8S8RequantizedTile* requantization = null)
        where TSink : IAccumulatorSink
    {
        int* scratch = stackalloc int[MaxMr];
        int* accumulators = stackalloc int[MaxMr * MaxNr];
        U8S8RequantizedTile work = requantization == null ? default : *requantization;
        byte* output = (byte*)work.Tile.Output;
        byte* residual = work.Residual;
        float* scale = work.Scale;
        nint byteStride = work.Tile.OutputStride;
        work.Tile = new() { Base = arena, Taps = weights.Taps, Depth = weights.Depth, Output = accumulators, OutputStride = MaxNr };
        int firstRow = block / blocking.PanelBlocks * blocking.BlockRows;
        int lastRow = Math.Min(rows.Rows, firstRow + blocking.BlockRows);
        int firstPanel = block % blocking.PanelBlocks * blocking.BlockPanels;
        int lastPanel = Math.Min(weights.Count, firstPanel + blocking.BlockPanels);
        int rowTiles = (lastRow - firstRow + rows.Mr - 1) / rows.Mr;
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            int column = panel * weights.Nr;
            int columns = Math.Min(weights.Nr, weights.Columns - column);
            int vectors = weights.VectorsOf(panel);
            bool requantizes = requantization != null && columns == vectors * tiles.Lanes;
            work.Tile.Weights = weights.Panel(panel);
            work.Tile.Next = (byte*)weights.Panel(panel + 1);
            work.Tile.NextStep = vectors * tiles.Lanes * tiles.Contract.Kr / rowTiles;
            work.Tile.OutputStride = requantizes ? byteStride : MaxNr;
            work.Scale = scale + column;
            nint share = work.Tile.NextStep * (weights.Taps * weights.Depth / tiles.Contract.Kr);
            for (int row = firstRow; row < lastRow; row += rows.Mr, work.Tile.Next += share)
            {
                int count = Math.Min(rows.Mr, lastRow - row);
                work.Tile.Rows = rows.Tile(row, scratch);
                if (requantizes)
                {
                    nint at = (row * byteStride) + column;
                    work.Tile.Output = (int*)(output + at);
                    work.Residual = residual == null ? null : residual + at;
                    tiles.Run(&work, count, vectors);
                    continue;
                }
                work.Tile.Output = accumulators;
                tiles.Run(&work.Tile, count, vectors);
                sink.Take(arena, accumulators, MaxNr, row, count, column, columns);
            }
        }
    }
}
