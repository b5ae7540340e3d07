namespace TransformFramework.Cpu.Gemm;

/// <summary>The float tile kernels of one instruction set.</summary>
internal sealed unsafe class FloatTiles
{
    private const int MostRows = 6;
    private const int MostVectors = 4;

    private readonly nint[] kernels;

    private FloatTiles(int width, int rows, int vectors, nint[] kernels)
    {
        Width = width;
        Rows = rows;
        Vectors = vectors;
        this.kernels = kernels;
    }

    /// <summary>Columns of a vector.</summary>
    public int Width { get; }

    /// <summary>Most rows of a tile.</summary>
    public int Rows { get; }

    /// <summary>Most vectors of a tile's row.</summary>
    public int Vectors { get; }

    /// <summary>Columns of a full panel of weights.</summary>
    public int PanelColumns => Width * Vectors;

    public static FloatTiles Of<TSet, TVector>()
        where TSet : struct, IFloatSet<TVector>
        where TVector : struct =>
        new(TSet.Width, TSet.TileRows, TSet.TileVectors,
        [
            .. Row<TSet, TVector, Count1>(), .. Row<TSet, TVector, Count2>(), .. Row<TSet, TVector, Count3>(),
            .. Row<TSet, TVector, Count4>(), .. Row<TSet, TVector, Count5>(), .. Row<TSet, TVector, Count6>(),
        ]);

    /// <summary>Runs the kernel of a tile size.</summary>
    public void Run(FloatTile* tile, int rows, int vectors)
    {
        System.Diagnostics.Debug.Assert(rows >= 1 && rows <= Rows && rows <= MostRows && vectors >= 1 && vectors <= Vectors && vectors <= MostVectors);
        ((delegate*<FloatTile*, void>)kernels[((rows - 1) * MostVectors) + vectors - 1])(tile);
    }

    private static nint[] Row<TSet, TVector, TRows>()
        where TSet : struct, IFloatSet<TVector>
        where TVector : struct
        where TRows : struct, ICount =>
        [
            (nint)(delegate*<FloatTile*, void>)&FloatTileKernel<TSet, TVector>.Run<TRows, Count1>,
            (nint)(delegate*<FloatTile*, void>)&FloatTileKernel<TSet, TVector>.Run<TRows, Count2>,
            (nint)(delegate*<FloatTile*, void>)&FloatTileKernel<TSet, TVector>.Run<TRows, Count3>,
            (nint)(delegate*<FloatTile*, void>)&FloatTileKernel<TSet, TVector>.Run<TRows, Count4>,
        ];
}
