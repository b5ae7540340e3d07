using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Neon;

/// <summary>One tile of a float product, all sums in registers. Four inputs of a row are loaded at once, and each is taken as a lane. Sums run over taps, then k, as those of every instruction set.</summary>
internal static unsafe class NeonF32GemmKernel
{
    private const int Width = 4;

    public static void Run<TRows, TVectors>(F32GemmTile* tile)
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        float* w = tile->Weights;
        Vector128<float> c00 = Vector128.Load(w);
        Vector128<float> c01 = TVectors.Value > 1 ? Vector128.Load(w + Width) : c00;
        Vector128<float> c02 = TVectors.Value > 2 ? Vector128.Load(w + (2 * Width)) : c00;
        Vector128<float> c03 = TVectors.Value > 3 ? Vector128.Load(w + (3 * Width)) : c00;
        Vector128<float> c10 = c00, c11 = c01, c12 = c02, c13 = c03;
        Vector128<float> c20 = c00, c21 = c01, c22 = c02, c23 = c03;
        Vector128<float> c30 = c00, c31 = c01, c32 = c02, c33 = c03;
        Vector128<float> c40 = c00, c41 = c01, c42 = c02, c43 = c03;
        Vector128<float> c50 = c00, c51 = c01, c52 = c02, c53 = c03;
        w += TVectors.Value * Width;
        int* rows = tile->Rows;
        byte* origin = tile->Base;
        nint depth = tile->Depth;
        nint taps = tile->Taps;
        do
        {
            float* a0 = (float*)(origin + rows[0]);
            float* a1 = TRows.Value > 1 ? (float*)(origin + rows[1]) : a0;
            float* a2 = TRows.Value > 2 ? (float*)(origin + rows[2]) : a0;
            float* a3 = TRows.Value > 3 ? (float*)(origin + rows[3]) : a0;
            float* a4 = TRows.Value > 4 ? (float*)(origin + rows[4]) : a0;
            float* a5 = TRows.Value > 5 ? (float*)(origin + rows[5]) : a0;
            rows += TRows.Value;
            nint k = 0;
            for (; k <= depth - Width; k += Width)
            {
                Vector128<float> x0 = Vector128.Load(a0 + k);
                Vector128<float> x1 = TRows.Value > 1 ? Vector128.Load(a1 + k) : x0;
                Vector128<float> x2 = TRows.Value > 2 ? Vector128.Load(a2 + k) : x0;
                Vector128<float> x3 = TRows.Value > 3 ? Vector128.Load(a3 + k) : x0;
                Vector128<float> x4 = TRows.Value > 4 ? Vector128.Load(a4 + k) : x0;
                Vector128<float> x5 = TRows.Value > 5 ? Vector128.Load(a5 + k) : x0;
                Add<TRows, TVectors, Lane0>(w, 0, x0, x1, x2, x3, x4, x5, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33, ref c40, ref c41, ref c42, ref c43, ref c50, ref c51, ref c52, ref c53);
                Add<TRows, TVectors, Lane1>(w, TVectors.Value * Width, x0, x1, x2, x3, x4, x5, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33, ref c40, ref c41, ref c42, ref c43, ref c50, ref c51, ref c52, ref c53);
                Add<TRows, TVectors, Lane2>(w, 2 * TVectors.Value * Width, x0, x1, x2, x3, x4, x5, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33, ref c40, ref c41, ref c42, ref c43, ref c50, ref c51, ref c52, ref c53);
                Add<TRows, TVectors, Lane3>(w, 3 * TVectors.Value * Width, x0, x1, x2, x3, x4, x5, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33, ref c40, ref c41, ref c42, ref c43, ref c50, ref c51, ref c52, ref c53);
                w += 4 * TVectors.Value * Width;
            }
            for (; k < depth; k++)
            {
                Vector128<float> x0 = Vector128.CreateScalarUnsafe(a0[k]);
                Vector128<float> x1 = TRows.Value > 1 ? Vector128.CreateScalarUnsafe(a1[k]) : x0;
                Vector128<float> x2 = TRows.Value > 2 ? Vector128.CreateScalarUnsafe(a2[k]) : x0;
                Vector128<float> x3 = TRows.Value > 3 ? Vector128.CreateScalarUnsafe(a3[k]) : x0;
                Vector128<float> x4 = TRows.Value > 4 ? Vector128.CreateScalarUnsafe(a4[k]) : x0;
                Vector128<float> x5 = TRows.Value > 5 ? Vector128.CreateScalarUnsafe(a5[k]) : x0;
                Add<TRows, TVectors, Lane0>(w, 0, x0, x1, x2, x3, x4, x5, ref c00, ref c01, ref c02, ref c03, ref c10, ref c11, ref c12, ref c13, ref c20, ref c21, ref c22, ref c23, ref c30, ref c31, ref c32, ref c33, ref c40, ref c41, ref c42, ref c43, ref c50, ref c51, ref c52, ref c53);
                w += TVectors.Value * Width;
            }
        }
        while (--taps != 0);

        F32GemmKernel<Vector128FloatIsa, Vector128<float>>.StoreRow<TVectors>(tile, 0, c00, c01, c02, c03);
        if (TRows.Value > 1)
            F32GemmKernel<Vector128FloatIsa, Vector128<float>>.StoreRow<TVectors>(tile, 1, c10, c11, c12, c13);
        if (TRows.Value > 2)
            F32GemmKernel<Vector128FloatIsa, Vector128<float>>.StoreRow<TVectors>(tile, 2, c20, c21, c22, c23);
        if (TRows.Value > 3)
            F32GemmKernel<Vector128FloatIsa, Vector128<float>>.StoreRow<TVectors>(tile, 3, c30, c31, c32, c33);
        if (TRows.Value > 4)
            F32GemmKernel<Vector128FloatIsa, Vector128<float>>.StoreRow<TVectors>(tile, 4, c40, c41, c42, c43);
        if (TRows.Value > 5)
            F32GemmKernel<Vector128FloatIsa, Vector128<float>>.StoreRow<TVectors>(tile, 5, c50, c51, c52, c53);
    }

    /// <summary>The products of one input of each row, vector by vector: the inputs stay in registers, of the weights one vector at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TRows, TVectors, TLane>(float* w, int offset, Vector128<float> x0, Vector128<float> x1, Vector128<float> x2, Vector128<float> x3, Vector128<float> x4, Vector128<float> x5, ref Vector128<float> c00, ref Vector128<float> c01, ref Vector128<float> c02, ref Vector128<float> c03, ref Vector128<float> c10, ref Vector128<float> c11, ref Vector128<float> c12, ref Vector128<float> c13, ref Vector128<float> c20, ref Vector128<float> c21, ref Vector128<float> c22, ref Vector128<float> c23, ref Vector128<float> c30, ref Vector128<float> c31, ref Vector128<float> c32, ref Vector128<float> c33, ref Vector128<float> c40, ref Vector128<float> c41, ref Vector128<float> c42, ref Vector128<float> c43, ref Vector128<float> c50, ref Vector128<float> c51, ref Vector128<float> c52, ref Vector128<float> c53)
        where TRows : struct, ICount
        where TVectors : struct, ICount
        where TLane : struct, INeonLane
    {
        TLane.AddProducts<TRows>(Vector128.Load(w + offset), x0, x1, x2, x3, x4, x5, ref c00, ref c10, ref c20, ref c30, ref c40, ref c50);
        if (TVectors.Value > 1)
            TLane.AddProducts<TRows>(Vector128.Load(w + offset + Width), x0, x1, x2, x3, x4, x5, ref c01, ref c11, ref c21, ref c31, ref c41, ref c51);
        if (TVectors.Value > 2)
            TLane.AddProducts<TRows>(Vector128.Load(w + offset + (2 * Width)), x0, x1, x2, x3, x4, x5, ref c02, ref c12, ref c22, ref c32, ref c42, ref c52);
        if (TVectors.Value > 3)
            TLane.AddProducts<TRows>(Vector128.Load(w + offset + (3 * Width)), x0, x1, x2, x3, x4, x5, ref c03, ref c13, ref c23, ref c33, ref c43, ref c53);
    }
}
