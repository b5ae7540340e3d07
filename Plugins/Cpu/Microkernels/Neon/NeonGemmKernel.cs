using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Neon;

/// <summary>
/// One tile of an 8-bit product for processors without dot products: inputs and weights are widened to 16 bits in registers, and their products added in 32 bits (<c>smlal</c>), four inputs of a row as
/// the lanes of a vector. Exact for all weights.
/// </summary>
internal static unsafe class NeonGemmKernel<TStore>
    where TStore : struct, ITileStore<Vector128<int>>
{
    private const int Width = 4;
    private const int GroupBytes = 4;

    public static void Run<TRows, TVectors>(U8S8GemmTile* tile)
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        int* start = (int*)tile->Weights;
        Vector128<int> c00 = Vector128.Load(start);
        Vector128<int> c01 = TVectors.Value > 1 ? Vector128.Load(start + Width) : c00;
        Vector128<int> c02 = TVectors.Value > 2 ? Vector128.Load(start + (2 * Width)) : c00;
        Vector128<int> c03 = TVectors.Value > 3 ? Vector128.Load(start + (3 * Width)) : c00;
        Vector128<int> c10 = c00, c11 = c01, c12 = c02, c13 = c03;
        Vector128<int> c20 = c00, c21 = c01, c22 = c02, c23 = c03;
        Vector128<int> c30 = c00, c31 = c01, c32 = c02, c33 = c03;
        sbyte* w = (sbyte*)(start + (TVectors.Value * Width));
        int* rows = tile->Rows;
        byte* origin = tile->Base;
        nint depth = tile->Depth;
        nint taps = tile->Taps;
        do
        {
            byte* a0 = origin + rows[0];
            byte* a1 = TRows.Value > 1 ? origin + rows[1] : a0;
            byte* a2 = TRows.Value > 2 ? origin + rows[2] : a0;
            byte* a3 = TRows.Value > 3 ? origin + rows[3] : a0;
            rows += TRows.Value;
            nint k = 0;
            do
            {
                Vector64<short> x0 = Widen(a0 + k);
                Vector64<short> x1 = TRows.Value > 1 ? Widen(a1 + k) : x0;
                Vector64<short> x2 = TRows.Value > 2 ? Widen(a2 + k) : x0;
                Vector64<short> x3 = TRows.Value > 3 ? Widen(a3 + k) : x0;
                Add<TRows, TVectors, Lane0>(w, x0, x1, x2, x3, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33);
                w += TVectors.Value * Width;
                Add<TRows, TVectors, Lane1>(w, x0, x1, x2, x3, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33);
                w += TVectors.Value * Width;
                Add<TRows, TVectors, Lane2>(w, x0, x1, x2, x3, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33);
                w += TVectors.Value * Width;
                Add<TRows, TVectors, Lane3>(w, x0, x1, x2, x3, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33);
                w += TVectors.Value * Width;
                k += GroupBytes;
            }
            while (k < depth);
        }
        while (--taps != 0);

        TStore.Store<TVectors>(tile, 0, c00, c01, c02, c03);
        if (TRows.Value > 1)
            TStore.Store<TVectors>(tile, 1, c10, c11, c12, c13);
        if (TRows.Value > 2)
            TStore.Store<TVectors>(tile, 2, c20, c21, c22, c23);
        if (TRows.Value > 3)
            TStore.Store<TVectors>(tile, 3, c30, c31, c32, c33);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector64<short> Widen(byte* inputs) => AdvSimd.ZeroExtendWideningLower(Vector64.CreateScalarUnsafe(*(float*)inputs).AsByte()).GetLower().AsInt16();

    /// <summary>The products of one input of each row and its weights, of which 16 are loaded, though fewer columns may follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TRows, TVectors, TLane>(sbyte* w, Vector64<short> x0, Vector64<short> x1, Vector64<short> x2, Vector64<short> x3, ref Vector128<int> c00, ref Vector128<int> c01, ref Vector128<int> c02, ref Vector128<int> c03, ref Vector128<int> c10, ref Vector128<int> c11, ref Vector128<int> c12, ref Vector128<int> c13, ref Vector128<int> c20, ref Vector128<int> c21, ref Vector128<int> c22, ref Vector128<int> c23, ref Vector128<int> c30, ref Vector128<int> c31, ref Vector128<int> c32, ref Vector128<int> c33)
        where TRows : struct, ICount
        where TVectors : struct, ICount
        where TLane : struct, INeonLane
    {
        Vector128<sbyte> weights = Vector128.Load(w);
        Vector128<short> weights01 = AdvSimd.SignExtendWideningLower(weights.GetLower());
        Vector128<short> weights23 = TVectors.Value > 2 ? AdvSimd.SignExtendWideningUpper(weights) : weights01;
        TLane.AddWidened<TVectors>(x0, weights01, weights23, ref c00, ref c01, ref c02, ref c03);
        if (TRows.Value > 1)
            TLane.AddWidened<TVectors>(x1, weights01, weights23, ref c10, ref c11, ref c12, ref c13);
        if (TRows.Value > 2)
            TLane.AddWidened<TVectors>(x2, weights01, weights23, ref c20, ref c21, ref c22, ref c23);
        if (TRows.Value > 3)
            TLane.AddWidened<TVectors>(x3, weights01, weights23, ref c30, ref c31, ref c32, ref c33);
    }
}
