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

    /// <summary>True when there are kernels that requantize.</summary>
    public virtual bool Requantizes => false;

    /// <summary>Runs the requantizing kernel of a tile size.</summary>
    public virtual void Run(RequantizedTile* tile, int rows, int vectors) => throw new NotSupportedException();

    /// <summary>The kernels of 3 × 3 depthwise convolutions of unsigned codes, where there are special ones.</summary>
    public virtual DepthwiseTiles? Depthwise => null;

    public static CodeTiles Of<TSet, TSums, TWeights, TInput>()
        where TSet : struct, ICodeSet<TSums, TWeights, TInput>
        where TSums : struct
        where TWeights : struct
        where TInput : struct => new ManagedCodeTiles<TSet, TSums, TWeights, TInput>();
}

/// <summary>3 × 3 depthwise kernels of strides 1 and 2 for whole sixteens of channels.</summary>
internal abstract unsafe class DepthwiseTiles
{
    public const int MostPixels = 8;

    /// <summary>Runs the kernel of a number of pixels: 1, 2, 4 or 8.</summary>
    public abstract void Run(DepthwiseQuads* work, int pixels, int stride);
}

/// <summary>Tile kernels that the JIT compiles.</summary>
internal sealed unsafe class ManagedCodeTiles<TSet, TSums, TWeights, TInput>() : CodeTiles(TSet.Width, TSet.TileRows, TSet.TileVectors, TSet.StepBytes, [.. TSet.QuadOrder])
    where TSet : struct, ICodeSet<TSums, TWeights, TInput>
    where TSums : struct
    where TWeights : struct
    where TInput : struct
{
    private const int MostVectors = 4;

    private static readonly nint[] Kernels = [.. Row<Count1>(), .. Row<Count2>(), .. Row<Count3>(), .. Row<Count4>(), .. Row<Count5>(), .. Row<Count6>()];

    public override void Run(CodeTile* tile, int rows, int vectors)
    {
        System.Diagnostics.Debug.Assert(rows >= 1 && rows <= Rows && vectors >= 1 && vectors <= Vectors);
        ((delegate*<CodeTile*, void>)Kernels[((rows - 1) * MostVectors) + vectors - 1])(tile);
    }

    private static nint[] Row<TRows>()
        where TRows : struct, ICount =>
        [
            (nint)(delegate*<CodeTile*, void>)&CodeTileKernel<TSet, TSums, TWeights, TInput>.Run<TRows, Count1>,
            (nint)(delegate*<CodeTile*, void>)&CodeTileKernel<TSet, TSums, TWeights, TInput>.Run<TRows, Count2>,
            (nint)(delegate*<CodeTile*, void>)&CodeTileKernel<TSet, TSums, TWeights, TInput>.Run<TRows, Count3>,
            (nint)(delegate*<CodeTile*, void>)&CodeTileKernel<TSet, TSums, TWeights, TInput>.Run<TRows, Count4>,
        ];
}
