namespace TransformFramework.Cpu.Microkernels.Gemm;

/// <summary>How a product is cut into blocks of rows and panels: within a block every panel is used for all rows before the next, so both must stay in the cache meanwhile.</summary>
internal readonly record struct Blocking(int Rows, int BlockRows, int Panels, int BlockPanels)
{
    private const int InputBytes = 384 << 10;
    private const int SmallWeights = 256 << 10;
    private const int SmallBlock = 96 << 10;
    private const int FewestTiles = 4;
    private const int BlocksPerThread = 4;

    public int RowBlocks => (Rows + BlockRows - 1) / BlockRows;

    public int PanelBlocks => (Panels + BlockPanels - 1) / BlockPanels;

    /// <summary>Number of blocks.</summary>
    public int Count => RowBlocks * PanelBlocks;

    /// <summary>Cuts a product.</summary>
    /// <param name="rows">Rows of the product.</param>
    /// <param name="mr">Rows of a tile.</param>
    /// <param name="inputBytes">Bytes of input that a row brings along.</param>
    /// <param name="outputBytes">Bytes of an output row.</param>
    /// <param name="panels">Panels of weights.</param>
    /// <param name="weightBytes">Bytes of all panels.</param>
    /// <param name="threads">Threads that will share the blocks.</param>
    public static Blocking Of(int rows, int mr, long inputBytes, long outputBytes, int panels, long weightBytes, int threads)
    {
        long perRow = weightBytes <= SmallWeights ? SmallBlock / Math.Max(1, inputBytes + outputBytes) : InputBytes / Math.Max(1, inputBytes);
        int blockTiles = (int)Math.Clamp(perRow / mr, FewestTiles, 1 << 20);
        int tiles = (rows + mr - 1) / mr;
        int wanted = threads > 1 ? threads * BlocksPerThread : 1;
        if (tiles >= wanted * FewestTiles)
            return new(rows, Math.Min(blockTiles, tiles / wanted) * mr, panels, panels);
        if (wanted == 1)
            return new(rows, Math.Min(blockTiles, tiles) * mr, panels, panels);
        int blockPanels = Math.Max(1, panels / wanted);
        int rowParts = Math.Max(1, wanted / ((panels + blockPanels - 1) / blockPanels));
        return new(rows, Math.Max(1, Math.Min(blockTiles, (tiles + rowParts - 1) / rowParts)) * mr, panels, blockPanels);
    }
}
