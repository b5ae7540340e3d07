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
    /// <param name="rows">Where the input is.</param>
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
        int* accumulators = stackalloc int[MaxMr * MaxNr];
        int firstRow = block / blocking.PanelBlocks * blocking.BlockRows;
        int lastRow = Math.Min(rows.Rows, firstRow + blocking.BlockRows);
        int firstPanel = block % blocking.PanelBlocks * blocking.BlockPanels;
        int lastPanel = Math.Min(weights.Count, firstPanel + blocking.BlockPanels);
        Part part = new() { Arena = arena, Accumulators = accumulators, Requantization = requantization, FirstRow = firstRow, LastRow = lastRow };
        int widened = 0;
        for (int panel = firstPanel; panel < lastPanel; panel++)
        {
            if (weights.IsWidened(panel))
                widened++;
            else
                RunPanel(tiles, panel, &part, ref sink);
        }
        if (widened > 0)
            RunWidened(&part, firstPanel, lastPanel, ref sink);
    }

    /// <summary>The widened panels of a block: some rows at a time are gathered and widened once, then multiplied by all of them.</summary>
    private void RunWidened<TSink>(Part* block, int firstPanel, int lastPanel, ref TSink sink)
        where TSink : IAccumulatorSink
    {
        Part part = *block;
        int rowsAtOnce = WidenedRows.AtOnce(rows, weights.Depth);
        for (int row = block->FirstRow; row < block->LastRow; row += rowsAtOnce)
        {
            part.FirstRow = row;
            part.LastRow = Math.Min(block->LastRow, row + rowsAtOnce);
            part.Widened = WidenedRows.Gather(block->Arena, rows, part.FirstRow, part.LastRow, weights.Depth);
            for (int panel = firstPanel; panel < lastPanel; panel++)
            {
                if (weights.IsWidened(panel))
                    RunPanel(tiles.Widened!, panel, &part, ref sink);
            }
        }
    }

    private void RunPanel<TSink>(U8S8GemmKernels kernels, int panel, Part* part, ref TSink sink)
        where TSink : IAccumulatorSink
    {
        int* scratch = stackalloc int[MaxMr];
        int column = panel * weights.Nr;
        int columns = Math.Min(weights.Nr, weights.Columns - column);
        int vectors = weights.VectorsOf(panel);
        bool requantizes = part->Requantization != null && columns == vectors * kernels.Lanes;
        int rowTiles = (part->LastRow - part->FirstRow + rows.Mr - 1) / rows.Mr;
        U8S8RequantizedTile work = part->Requantization == null ? default : *part->Requantization;
        byte* output = (byte*)work.Tile.Output;
        byte* residual = work.Residual;
        nint byteStride = work.Tile.OutputStride;
        work.Scale += column;
        work.Tile = part->Widened == null
            ? new() { Base = part->Arena, Taps = weights.Taps, Depth = weights.Depth * kernels.WeightBytes }
            : new() { Base = part->Widened, Taps = 1, Depth = WidenedRows.RowBytes(rows, weights.Depth) };
        work.Tile.Weights = weights.Panel(panel);
        work.Tile.Next = (byte*)weights.Panel(panel + 1);
        work.Tile.NextStep = vectors * kernels.Lanes * kernels.Contract.Kr / rowTiles;
        work.Tile.OutputStride = requantizes ? byteStride : MaxNr;
        if (requantizes)
        {
            (work.BaseStep, work.RowsStep) = part->Widened == null ? rows.Steps : (rows.Mr * work.Tile.Depth, 0);
            work.Tile.Output = (int*)(output + (part->FirstRow * byteStride) + column);
            work.Residual = residual == null ? null : residual + (part->FirstRow * byteStride) + column;
            Requantize(kernels, &work, part, vectors);
            return;
        }
        nint share = work.Tile.NextStep * (weights.Taps * weights.Depth / kernels.Contract.Kr);
        for (int row = part->FirstRow; row < part->LastRow; row += rows.Mr, work.Tile.Next += share)
        {
            int count = Math.Min(rows.Mr, part->LastRow - row);
            work.Tile.Rows = Offsets(part, row, count, work.Tile.Depth, scratch);
            work.Tile.Output = part->Accumulators;
            kernels.Run(&work.Tile, count, vectors);
            sink.Take(part->Arena, part->Accumulators, MaxNr, row, count, column, columns);
        }
    }

    /// <summary>All tiles of a panel whose accumulators become quantized values in the registers: the full ones in one call, then what is left.</summary>
    private void Requantize(U8S8GemmKernels kernels, U8S8RequantizedTile* work, Part* part, int vectors)
    {
        int* scratch = stackalloc int[MaxMr];
        int count = part->LastRow - part->FirstRow;
        work->Tile.Rows = Offsets(part, part->FirstRow, Math.Min(rows.Mr, count), work->Tile.Depth, scratch);
        if (count >= rows.Mr)
            kernels.Run(work, rows.Mr, vectors, count / rows.Mr);
        if (count % rows.Mr > 0)
            kernels.Run(work, count % rows.Mr, vectors, tiles: 1);
    }

    private int* Offsets(Part* part, int row, int count, nint depth, int* scratch) =>
        part->Widened == null ? rows.Tile(row, scratch) : WidenedRows.Tile(row - part->FirstRow, count, depth, scratch);

    /// <summary>Rows of a block, and where they are read and written.</summary>
    private struct Part
    {
        public byte* Arena;

        /// <summary>The rows widened, the first first; null where they are read as they are.</summary>
        public byte* Widened;

        public int* Accumulators;

        public U8S8RequantizedTile* Requantization;

        public int FirstRow;

        public int LastRow;
    }
}
