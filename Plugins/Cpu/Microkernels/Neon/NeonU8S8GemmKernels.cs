using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Neon;

/// <summary>The 8-bit GEMM kernels of Arm64, with dot products of four or without.</summary>
internal sealed unsafe class NeonU8S8GemmKernels : U8S8GemmKernels
{
    private const int Rows = 4;
    private const int Vectors = 4;
    private const int FloatLanes = 4;

    /// <summary>Bytes of a group that may be past a row's depth.</summary>
    private const int GroupOverread = Group - 1;

    private readonly delegate*<U8S8GemmTile*, void>[] accumulating;
    private readonly delegate*<U8S8GemmTile*, void>[] requantizing;
    private readonly bool areInputsShifted;

    private NeonU8S8GemmKernels(int kr, bool areInputsShifted, delegate*<U8S8GemmTile*, void>[] accumulating, delegate*<U8S8GemmTile*, void>[] requantizing)
        : base(Rows, FloatLanes, Vectors, kr, GroupOverread)
    {
        this.areInputsShifted = areInputsShifted;
        this.accumulating = accumulating;
        this.requantizing = requantizing;
    }

    /// <summary>Kernels of processors with dot products.</summary>
    public static NeonU8S8GemmKernels OfDots() =>
        new(kr: Group, areInputsShifted: true, Dots<AccumulatorStore<Vector128Int8Isa, Vector128<int>, Vector128<int>, Vector128<int>>>(), Dots<NeonRequantizingStore>());

    /// <summary>Kernels of all processors.</summary>
    public static NeonU8S8GemmKernels OfProducts() =>
        new(kr: 1, areInputsShifted: false, Products<AccumulatorStore<Vector128Int8Isa, Vector128<int>, Vector128<int>, Vector128<int>>>(), Products<NeonRequantizingStore>());

    /// <summary>Adds 128 times the sum of its weights to the start of each column's sums.</summary>
    public override void CompensateStarts(sbyte* panel, int columns, nint depth)
    {
        if (!areInputsShifted)
            return;
        Vector128<sbyte> lowest = Vector128.Create(sbyte.MinValue);
        for (int column = 0; column < columns; column += FloatLanes)
        {
            sbyte* weights = panel + (columns * sizeof(int)) + (column * Group);
            Vector128<int> shifted = Vector128<int>.Zero;
            for (nint k = 0; k < depth; k += Group)
                shifted = Dp.DotProduct(shifted, Vector128.Load(weights + (k * columns)), lowest);
            int* start = (int*)panel + column;
            (Vector128.Load(start) - shifted).Store(start);
        }
    }

    protected override void Accumulate(U8S8GemmTile* tile, int rows, int vectors) => accumulating[((rows - 1) * Vectors) + vectors - 1](tile);

    /// <summary>The tile is the first field of a requantized one, and all that the kernel takes it by.</summary>
    protected override void Requantize(U8S8RequantizedTile* tile, int rows, int vectors) => requantizing[((rows - 1) * Vectors) + vectors - 1](&tile->Tile);

    private static delegate*<U8S8GemmTile*, void>[] Dots<TStore>()
        where TStore : struct, ITileStore<Vector128<int>> =>
    [
        &NeonDotGemmKernel<TStore>.Run<Count1, Count1>, &NeonDotGemmKernel<TStore>.Run<Count1, Count2>, &NeonDotGemmKernel<TStore>.Run<Count1, Count3>, &NeonDotGemmKernel<TStore>.Run<Count1, Count4>,
        &NeonDotGemmKernel<TStore>.Run<Count2, Count1>, &NeonDotGemmKernel<TStore>.Run<Count2, Count2>, &NeonDotGemmKernel<TStore>.Run<Count2, Count3>, &NeonDotGemmKernel<TStore>.Run<Count2, Count4>,
        &NeonDotGemmKernel<TStore>.Run<Count3, Count1>, &NeonDotGemmKernel<TStore>.Run<Count3, Count2>, &NeonDotGemmKernel<TStore>.Run<Count3, Count3>, &NeonDotGemmKernel<TStore>.Run<Count3, Count4>,
        &NeonDotGemmKernel<TStore>.Run<Count4, Count1>, &NeonDotGemmKernel<TStore>.Run<Count4, Count2>, &NeonDotGemmKernel<TStore>.Run<Count4, Count3>, &NeonDotGemmKernel<TStore>.Run<Count4, Count4>,
    ];

    private static delegate*<U8S8GemmTile*, void>[] Products<TStore>()
        where TStore : struct, ITileStore<Vector128<int>> =>
    [
        &NeonGemmKernel<TStore>.Run<Count1, Count1>, &NeonGemmKernel<TStore>.Run<Count1, Count2>, &NeonGemmKernel<TStore>.Run<Count1, Count3>, &NeonGemmKernel<TStore>.Run<Count1, Count4>,
        &NeonGemmKernel<TStore>.Run<Count2, Count1>, &NeonGemmKernel<TStore>.Run<Count2, Count2>, &NeonGemmKernel<TStore>.Run<Count2, Count3>, &NeonGemmKernel<TStore>.Run<Count2, Count4>,
        &NeonGemmKernel<TStore>.Run<Count3, Count1>, &NeonGemmKernel<TStore>.Run<Count3, Count2>, &NeonGemmKernel<TStore>.Run<Count3, Count3>, &NeonGemmKernel<TStore>.Run<Count3, Count4>,
        &NeonGemmKernel<TStore>.Run<Count4, Count1>, &NeonGemmKernel<TStore>.Run<Count4, Count2>, &NeonGemmKernel<TStore>.Run<Count4, Count3>, &NeonGemmKernel<TStore>.Run<Count4, Count4>,
    ];
}
