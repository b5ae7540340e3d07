using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.F32;

/// <summary>The float tile kernels of one instruction set.</summary>
internal sealed unsafe class F32GemmKernels
{
    private const int MostRows = 6;
    private const int MostVectors = 4;

    private readonly nint[] kernels;

    private F32GemmKernels(int width, int rows, int vectors, nint[] kernels)
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

    public static F32GemmKernels Of<TIsa, TVector>()
        where TIsa : struct, IFloatIsa<TVector>
        where TVector : struct =>
        new(TIsa.Lanes, TIsa.Mr, TIsa.NrVectors,
        [
            .. Row<TIsa, TVector, Count1>(), .. Row<TIsa, TVector, Count2>(), .. Row<TIsa, TVector, Count3>(),
            .. Row<TIsa, TVector, Count4>(), .. Row<TIsa, TVector, Count5>(), .. Row<TIsa, TVector, Count6>(),
        ]);

    /// <summary>Runs the kernel of a tile size.</summary>
    public void Run(F32GemmTile* tile, int rows, int vectors)
    {
        System.Diagnostics.Debug.Assert(rows >= 1 && rows <= Rows && rows <= MostRows && vectors >= 1 && vectors <= Vectors && vectors <= MostVectors);
        ((delegate*<F32GemmTile*, void>)kernels[((rows - 1) * MostVectors) + vectors - 1])(tile);
    }

    private static nint[] Row<TIsa, TVector, TRows>()
        where TIsa : struct, IFloatIsa<TVector>
        where TVector : struct
        where TRows : struct, ICount =>
        [
            (nint)(delegate*<F32GemmTile*, void>)&F32GemmKernel<TIsa, TVector>.Run<TRows, Count1>,
            (nint)(delegate*<F32GemmTile*, void>)&F32GemmKernel<TIsa, TVector>.Run<TRows, Count2>,
            (nint)(delegate*<F32GemmTile*, void>)&F32GemmKernel<TIsa, TVector>.Run<TRows, Count3>,
            (nint)(delegate*<F32GemmTile*, void>)&F32GemmKernel<TIsa, TVector>.Run<TRows, Count4>,
        ];
}
