using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.U8S8;

/// <summary>The 8-bit tile kernels of one instruction set, and how they want their weights.</summary>
internal abstract unsafe class U8S8GemmKernels(int width, int rows, int vectors, int kr, ImmutableArray<byte> groupOrder)
{
    /// <summary>Columns of a vector.</summary>
    public int Width { get; } = width;

    /// <summary>Most rows of a tile.</summary>
    public int Rows { get; } = rows;

    /// <summary>Most vectors of a tile's row.</summary>
    public int Vectors { get; } = vectors;

    /// <summary>Weights of a column that lie side by side: 1, 2 or 4.</summary>
    public int Kr { get; } = kr;

    /// <summary>Which of the four weights of a column and dot-product group come first, second and so on.</summary>
    public ImmutableArray<byte> GroupOrder { get; } = groupOrder;

    /// <summary>Columns of a full panel of weights.</summary>
    public int PanelColumns => Width * Vectors;

    /// <summary>Runs the kernel of a tile size.</summary>
    public abstract void Run(U8S8GemmTile* tile, int rows, int vectors);

    /// <summary>Runs the requantizing kernel of a tile size.</summary>
    public abstract void Run(U8S8RequantizedTile* tile, int rows, int vectors);

    public static U8S8GemmKernels Of<TIsa, TAccumulators, TWeights, TInput, TFloatIsa, TFloats, TConversions>()
        where TIsa : struct, IInt8Isa<TAccumulators, TWeights, TInput>
        where TAccumulators : struct
        where TWeights : struct
        where TInput : struct
        where TFloatIsa : struct, IFloatIsa<TFloats>
        where TFloats : struct
        where TConversions : struct, IInt8Conversions<TAccumulators, TFloats> => new IntrinsicU8S8GemmKernels<TIsa, TAccumulators, TWeights, TInput, RequantizingStore<TFloatIsa, TFloats, TConversions, TAccumulators>>();
}

/// <summary>Tile kernels that the JIT compiles.</summary>
internal sealed unsafe class IntrinsicU8S8GemmKernels<TIsa, TAccumulators, TWeights, TInput, TRequantizingStore>() : U8S8GemmKernels(TIsa.Lanes, TIsa.Mr, TIsa.NrVectors, TIsa.Kr, [.. TIsa.GroupOrder])
    where TIsa : struct, IInt8Isa<TAccumulators, TWeights, TInput>
    where TAccumulators : struct
    where TWeights : struct
    where TInput : struct
    where TRequantizingStore : struct, ITileStore<TAccumulators>
{
    private const int MostVectors = 4;

    private static readonly nint[] AccumulatorKernels = All<AccumulatorStore<TIsa, TAccumulators, TWeights, TInput>>();
    private static readonly nint[] QuantizationKernels = All<TRequantizingStore>();

    public override void Run(U8S8GemmTile* tile, int rows, int vectors)
    {
        System.Diagnostics.Debug.Assert(rows >= 1 && rows <= Rows && vectors >= 1 && vectors <= Vectors);
        ((delegate*<U8S8GemmTile*, void>)AccumulatorKernels[((rows - 1) * MostVectors) + vectors - 1])(tile);
    }

    public override void Run(U8S8RequantizedTile* tile, int rows, int vectors)
    {
        System.Diagnostics.Debug.Assert(rows >= 1 && rows <= Rows && vectors >= 1 && vectors <= Vectors);
        ((delegate*<U8S8GemmTile*, void>)QuantizationKernels[((rows - 1) * MostVectors) + vectors - 1])(&tile->Tile);
    }

    private static nint[] All<TStore>()
        where TStore : struct, ITileStore<TAccumulators> => [.. Row<Count1, TStore>(), .. Row<Count2, TStore>(), .. Row<Count3, TStore>(), .. Row<Count4, TStore>(), .. Row<Count5, TStore>(), .. Row<Count6, TStore>()];

    private static nint[] Row<TRows, TStore>()
        where TRows : struct, ICount
        where TStore : struct, ITileStore<TAccumulators> =>
        [
            (nint)(delegate*<U8S8GemmTile*, void>)&U8S8GemmKernel<TIsa, TAccumulators, TWeights, TInput, TStore>.Run<TRows, Count1>,
            (nint)(delegate*<U8S8GemmTile*, void>)&U8S8GemmKernel<TIsa, TAccumulators, TWeights, TInput, TStore>.Run<TRows, Count2>,
            (nint)(delegate*<U8S8GemmTile*, void>)&U8S8GemmKernel<TIsa, TAccumulators, TWeights, TInput, TStore>.Run<TRows, Count3>,
            (nint)(delegate*<U8S8GemmTile*, void>)&U8S8GemmKernel<TIsa, TAccumulators, TWeights, TInput, TStore>.Run<TRows, Count4>,
        ];
}
