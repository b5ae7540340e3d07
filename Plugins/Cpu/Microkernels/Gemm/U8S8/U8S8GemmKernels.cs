using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.U8S8;

/// <summary>The 8-bit GEMM kernels of one instruction set (quint8 inputs, qint8 weights, 32-bit accumulators), and how they want their weights packed.</summary>
internal abstract unsafe class U8S8GemmKernels(int mr, int lanes, int vectors, int kr, int overreadBytes)
{
    /// <summary>Inputs of a dot-product group: depths are rounded up to it with zero weights.</summary>
    public const int Group = 4;

    /// <summary>Columns of a vector.</summary>
    public int Lanes { get; } = lanes;

    public MicrokernelContract Contract { get; } = MicrokernelContract.Gemm(mr, lanes * vectors, kr, overreadBytes);

    /// <summary>Bytes of a packed weight.</summary>
    public int WeightBytes { get; init; } = 1;

    /// <summary>
    /// The kernels of panels with weights that these are not exact for, of the same vectors; their inputs and weights are widened to 16 bits. Null where these kernels are exact for all weights.
    /// </summary>
    public U8S8GemmKernels? Widened { get; init; }

    /// <summary>The kernels of full tiles by name; smaller tiles are their tails.</summary>
    public IEnumerable<Microkernel> Describe(string isa)
    {
        string tile = Contract.Kr == 1 ? $"{Contract.Mr}x{Contract.Nr}" : $"{Contract.Mr}x{Contract.Nr}c{Contract.Kr}";
        string types = WeightBytes == 1 ? "u8s8" : "s16s16";
        return [new($"{types}_gemm", tile, isa, Contract), new($"{types}_gemm_requantize", tile, isa, Contract), .. Widened?.Describe(isa) ?? []];
    }

    /// <summary>Runs the kernel of a tile size.</summary>
    public void Run(U8S8GemmTile* tile, int rows, int vectors)
    {
        Contract.Check(rows, vectors * Lanes, tile->Weights);
        System.Diagnostics.Debug.Assert(tile->Depth % Group == 0, "a depth that is not rounded up to whole dot-product groups");
        Accumulate(tile, rows, vectors);
    }

    /// <summary>Runs the requantizing kernel of a tile size for some tiles below each other, and leaves the tile where the next one starts.</summary>
    public void Run(U8S8RequantizedTile* tile, int rows, int vectors, int tiles)
    {
        Contract.Check(rows, vectors * Lanes, tile->Tile.Weights);
        tile->Tiles = tiles;
        RequantizeAll(tile, rows, vectors);
    }

    public static U8S8GemmKernels Of<TIsa, TAccumulators, TWeights, TInput, TFloatIsa, TFloats, TConversions>()
        where TIsa : struct, IInt8Isa<TAccumulators, TWeights, TInput>
        where TAccumulators : struct
        where TWeights : struct
        where TInput : struct
        where TFloatIsa : struct, IFloatIsa<TFloats>
        where TFloats : struct
        where TConversions : struct, IInt8Conversions<TAccumulators, TFloats> =>
        new IntrinsicU8S8GemmKernels<TIsa, TAccumulators, TWeights, TInput, RequantizingStore<TFloatIsa, TFloats, TConversions, TAccumulators>>() { WeightBytes = TIsa.WeightBytes };

    /// <summary>256-bit kernels that add products in pairs of 16 bits, with the widened ones for the weights that they are not exact for.</summary>
    public static U8S8GemmKernels OfAvx2() =>
        new IntrinsicU8S8GemmKernels<Avx2Int8Isa, Vector256<int>, Vector256<sbyte>, Vector256<byte>, RequantizingStore<Avx2FloatIsa, Vector256<float>, Avx2Int8Conversions, Vector256<int>>>()
        {
            Widened = Of<Avx2WidenedInt8Isa, Vector256<int>, Vector256<short>, Vector256<short>, Avx2FloatIsa, Vector256<float>, Avx2Int8Conversions>(),
        };

    /// <summary>The same of 512 bits.</summary>
    public static U8S8GemmKernels OfAvx512() =>
        new IntrinsicU8S8GemmKernels<Avx512Int8Isa, Vector512<int>, Vector512<sbyte>, Vector512<byte>, RequantizingStore<Avx512FloatIsa, Vector512<float>, Avx512Int8Conversions, Vector512<int>>>()
        {
            Widened = Of<Avx512WidenedInt8Isa, Vector512<int>, Vector512<short>, Vector512<short>, Avx512FloatIsa, Vector512<float>, Avx512Int8Conversions>(),
        };

    /// <summary>Adds to the initial bias of each column what inputs lack that the kernels read otherwise than they are; nothing where they do not.</summary>
    /// <param name="panel">A packed panel.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="depth">Weights of a column, whole dot-product groups.</param>
    public virtual void CompensateStarts(sbyte* panel, int columns, nint depth)
    {
    }

    protected abstract void Accumulate(U8S8GemmTile* tile, int rows, int vectors);

    /// <summary>Requantizes one tile.</summary>
    protected abstract void Requantize(U8S8RequantizedTile* tile, int rows, int vectors);

    /// <summary>Requantizes all tiles that are left.</summary>
    protected virtual void RequantizeAll(U8S8RequantizedTile* tile, int rows, int vectors)
    {
        for (; tile->Tiles > 0; tile->Tiles--)
        {
            Requantize(tile, rows, vectors);
            tile->Advance(rows);
        }
    }
}

/// <summary>Kernels that the JIT compiles from intrinsics.</summary>
internal sealed unsafe class IntrinsicU8S8GemmKernels<TIsa, TAccumulators, TWeights, TInput, TRequantizingStore>()
    : U8S8GemmKernels(TIsa.Mr, TIsa.Lanes, TIsa.NrVectors, TIsa.Kr, TIsa.OverreadBytes)
    where TIsa : struct, IInt8Isa<TAccumulators, TWeights, TInput>
    where TAccumulators : struct
    where TWeights : struct
    where TInput : struct
    where TRequantizingStore : struct, ITileStore<TAccumulators>
{
    private const int MaxVectors = 4;

    private static readonly delegate*<U8S8GemmTile*, void>[] Accumulating = ByTile<AccumulatorStore<TIsa, TAccumulators, TWeights, TInput>>();
    private static readonly delegate*<U8S8GemmTile*, void>[] Requantizing = ByTile<TRequantizingStore>();

    protected override void Accumulate(U8S8GemmTile* tile, int rows, int vectors) => Accumulating[((rows - 1) * MaxVectors) + vectors - 1](tile);

    /// <summary>The tile is the first field of a requantized one, and all that the kernel takes it by.</summary>
    protected override void Requantize(U8S8RequantizedTile* tile, int rows, int vectors) => Requantizing[((rows - 1) * MaxVectors) + vectors - 1](&tile->Tile);

    /// <summary>Kernels by rows, then by vectors, each from 1.</summary>
    private static delegate*<U8S8GemmTile*, void>[] ByTile<TStore>()
        where TStore : struct, ITileStore<TAccumulators>
    {
        var kernels = new delegate*<U8S8GemmTile*, void>[6 * MaxVectors];
        AddRow<Count1, TStore>(kernels);
        AddRow<Count2, TStore>(kernels);
        AddRow<Count3, TStore>(kernels);
        AddRow<Count4, TStore>(kernels);
        AddRow<Count5, TStore>(kernels);
        AddRow<Count6, TStore>(kernels);
        return kernels;
    }

    private static void AddRow<TRows, TStore>(delegate*<U8S8GemmTile*, void>[] kernels)
        where TRows : struct, ICount
        where TStore : struct, ITileStore<TAccumulators>
    {
        int row = (TRows.Value - 1) * MaxVectors;
        kernels[row] = &U8S8GemmKernel<TIsa, TAccumulators, TWeights, TInput, TStore>.Run<TRows, Count1>;
        kernels[row + 1] = &U8S8GemmKernel<TIsa, TAccumulators, TWeights, TInput, TStore>.Run<TRows, Count2>;
        kernels[row + 2] = &U8S8GemmKernel<TIsa, TAccumulators, TWeights, TInput, TStore>.Run<TRows, Count3>;
        kernels[row + 3] = &U8S8GemmKernel<TIsa, TAccumulators, TWeights, TInput, TStore>.Run<TRows, Count4>;
    }
}
