using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.U8S8;

/// <summary>One tile of an 8-bit product, all accumulators in registers.</summary>
internal static unsafe class U8S8GemmKernel<TIsa, TAccumulators, TWeights, TInput, TStore>
    where TIsa : struct, IInt8Isa<TAccumulators, TWeights, TInput>
    where TAccumulators : struct
    where TWeights : struct
    where TInput : struct
    where TStore : struct, ITileStore<TAccumulators>
{
    public static void Run<TRows, TVectors>(U8S8GemmTile* tile)
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        int width = TIsa.Lanes;
        int* initialBias = (int*)tile->Weights;
        TAccumulators c00 = TIsa.LoadAccumulators(initialBias);
        TAccumulators c01 = TVectors.Value > 1 ? TIsa.LoadAccumulators(initialBias + width) : c00;
        TAccumulators c02 = TVectors.Value > 2 ? TIsa.LoadAccumulators(initialBias + (2 * width)) : c00;
        TAccumulators c03 = TVectors.Value > 3 ? TIsa.LoadAccumulators(initialBias + (3 * width)) : c00;
        TAccumulators c10 = c00, c11 = c01, c12 = c02, c13 = c03;
        TAccumulators c20 = c00, c21 = c01, c22 = c02, c23 = c03;
        TAccumulators c30 = c00, c31 = c01, c32 = c02, c33 = c03;
        TAccumulators c40 = c00, c41 = c01, c42 = c02, c43 = c03;
        TAccumulators c50 = c00, c51 = c01, c52 = c02, c53 = c03;
        int stride = width * TIsa.Kr * TIsa.WeightBytes;
        sbyte* w = (sbyte*)(initialBias + (TVectors.Value * width));
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
            byte* a4 = TRows.Value > 4 ? origin + rows[4] : a0;
            byte* a5 = TRows.Value > 5 ? origin + rows[5] : a0;
            rows += TRows.Value;
            nint k = 0;
            do
            {
                TWeights w0 = TIsa.LoadWeights(w);
                TWeights w1 = TVectors.Value > 1 ? TIsa.LoadWeights(w + stride) : w0;
                TWeights w2 = TVectors.Value > 2 ? TIsa.LoadWeights(w + (2 * stride)) : w0;
                TWeights w3 = TVectors.Value > 3 ? TIsa.LoadWeights(w + (3 * stride)) : w0;
                AddRow<TVectors>(a0 + k, w0, w1, w2, w3, ref c00, ref c01, ref c02, ref c03);
                if (TRows.Value > 1)
                    AddRow<TVectors>(a1 + k, w0, w1, w2, w3, ref c10, ref c11, ref c12, ref c13);
                if (TRows.Value > 2)
                    AddRow<TVectors>(a2 + k, w0, w1, w2, w3, ref c20, ref c21, ref c22, ref c23);
                if (TRows.Value > 3)
                    AddRow<TVectors>(a3 + k, w0, w1, w2, w3, ref c30, ref c31, ref c32, ref c33);
                if (TRows.Value > 4)
                    AddRow<TVectors>(a4 + k, w0, w1, w2, w3, ref c40, ref c41, ref c42, ref c43);
                if (TRows.Value > 5)
                    AddRow<TVectors>(a5 + k, w0, w1, w2, w3, ref c50, ref c51, ref c52, ref c53);
                w += TVectors.Value * stride;
                k += TIsa.Kr * TIsa.WeightBytes;
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
        if (TRows.Value > 4)
            TStore.Store<TVectors>(tile, 4, c40, c41, c42, c43);
        if (TRows.Value > 5)
            TStore.Store<TVectors>(tile, 5, c50, c51, c52, c53);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TVectors>(byte* input, TWeights w0, TWeights w1, TWeights w2, TWeights w3, ref TAccumulators c0, ref TAccumulators c1, ref TAccumulators c2, ref TAccumulators c3)
        where TVectors : struct, ICount
    {
        TInput x = TIsa.LoadInput(input);
        if (TVectors.Value == 1)
            c0 = TIsa.MultiplyAdd(x, w0, c0);
        else
            TIsa.MultiplyAdd(x, w0, w1, ref c0, ref c1);
        if (TVectors.Value == 3)
            c2 = TIsa.MultiplyAdd(x, w2, c2);
        else if (TVectors.Value == 4)
            TIsa.MultiplyAdd(x, w2, w3, ref c2, ref c3);
    }
}
