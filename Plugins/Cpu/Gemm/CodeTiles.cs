using System.Collections.Immutable;

namespace TransformFramework.Cpu.Gemm;

/// <summary>The 8-bit tile kernels of one instruction set, and how they want their weights.</summary>
internal abstract unsafe class CodeTiles(int width, int rows, int vectors, int stepBytes, ImmutableArray<byte> quadOrder)
{
    /// <summary>Columns of a vector.</summary>
    public int Width { get; } = width;

    /// <summary>Most rows of a tile.</summary>
    public int Rows { get; } = rows;

    /// <summary>Most vectors of a tile's row.</summary>
    public int Vectors { get; } = vectors;

    /// <summary>Weights of a column that lie side by side: 1, 2 or 4.</summary>
    public int StepBytes { get; } = stepBytes;

    /// <summary>Which of the four weights of a column and quad come first, second and so on.</summary>
    public ImmutableArray<byte> QuadOrder { get; } = quadOrder;

    /// <summary>Columns of a full panel of weights.</summary>
    public int PanelColumns => Width * Vectors;

    /// <summary>Runs the kernel of a tile size.</summary>
    public abstract void Run(CodeTile* tile, int rows, int vectors);

    /// <summary>Runs the requantizing kernel of a tile size.</summary>
    public abstract void Run(RequantizedTile* tile, int rows, int vectors);

    /// <summary>The kernels of 3 × 3 depthwise convolutions of unsigned codes, where there are special ones.</summary>
    public virtual DepthwiseTiles? Depthwise => null;

    public static CodeTiles Of<TSet, TSums, TWeights, TInput, TFloatSet, TFloats, TConversions>()
        where TSet : struct, ICodeSet<TSums, TWeights, TInput>
        where TSums : struct
        where TWeights : struct
        where TInput : struct
        where TFloatSet : struct, IFloatSet<TFloats>
        where TFloats : struct
        where TConversions : struct, ICodeConversions<TSums, TFloats> => new ManagedCodeTiles<TSet, TSums, TWeights, TInput, CodeStore<TFloatSet, TFloats, TConversions, TSums>>();
}

/// <summary>3 × 3 depthwise kernels of strides 1 and 2 for whole sixteens of channels.</summary>
internal abstract unsafe class DepthwiseTiles
{
    public const int MostPixels = 8;

    /// <summary>Runs the kernel of a number of pixels: 1, 2, 4 or 8.</summary>
    public abstract void Run(DepthwiseQuads* work, int pixels, int stride);
}

/// <summary>Tile kernels that the JIT compiles.</summary>
internal sealed unsafe class ManagedCodeTiles<TSet, TSums, TWeights, TInput, TCodeStore>() : CodeTiles(TSet.Width, TSet.TileRows, TSet.TileVectors, TSet.StepBytes, [.. TSet.QuadOrder])
    where TSet : struct, ICodeSet<TSums, TWeights, TInput>
    where TSums : struct
    where TWeights : struct
    where TInput : struct
    where TCodeStore : struct, ITileStore<TSums>
{
    private const int MostVectors = 4;

    private static readonly nint[] SumKernels = All<SumStore<TSet, TSums, TWeights, TInput>>();
    private static readonly nint[] CodeKernels = All<TCodeStore>();

    public override void Run(CodeTile* tile, int rows, int vectors)
    {
        System.Diagnostics.Debug.Assert(rows >= 1 && rows <= Rows && vectors >= 1 && vectors <= Vectors);
        ((delegate*<CodeTile*, void>)SumKernels[((rows - 1) * MostVectors) + vectors - 1])(tile);
    }

    public override void Run(RequantizedTile* tile, int rows, int vectors)
    {
        System.Diagnostics.Debug.Assert(rows >= 1 && rows <= Rows && vectors >= 1 && vectors <= Vectors);
        ((delegate*<CodeTile*, void>)CodeKernels[((rows - 1) * MostVectors) + vectors - 1])(&tile->Tile);
    }

    private static nint[] All<TStore>()
        where TStore : struct, ITileStore<TSums> => [.. Row<Count1, TStore>(), .. Row<Count2, TStore>(), .. Row<Count3, TStore>(), .. Row<Count4, TStore>(), .. Row<Count5, TStore>(), .. Row<Count6, TStore>()];

    private static nint[] Row<TRows, TStore>()
        where TRows : struct, ICount
        where TStore : struct, ITileStore<TSums> =>
        [
            (nint)(delegate*<CodeTile*, void>)&CodeTileKernel<TSet, TSums, TWeights, TInput, TStore>.Run<TRows, Count1>,
            (nint)(delegate*<CodeTile*, void>)&CodeTileKernel<TSet, TSums, TWeights, TInput, TStore>.Run<TRows, Count2>,
            (nint)(delegate*<CodeTile*, void>)&CodeTileKernel<TSet, TSums, TWeights, TInput, TStore>.Run<TRows, Count3>,
            (nint)(delegate*<CodeTile*, void>)&CodeTileKernel<TSet, TSums, TWeights, TInput, TStore>.Run<TRows, Count4>,
        ];
}
