using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.F32;

/// <summary>One tile of a float product, all sums in registers. Sums run over taps, then k, so that every tile size and instruction set gives the same bits.</summary>
internal static unsafe class F32GemmKernel<TIsa, TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    public static void Run<TRows, TVectors>(F32GemmTile* tile)
        where TRows : struct, ICount
        where TVectors : struct, ICount
    {
        int width = TIsa.Lanes;
        float* w = tile->Weights;
        TVector w0 = TIsa.Load(w);
        TVector w1 = TVectors.Value > 1 ? TIsa.Load(w + width) : w0;
        TVector w2 = TVectors.Value > 2 ? TIsa.Load(w + (2 * width)) : w0;
        TVector w3 = TVectors.Value > 3 ? TIsa.Load(w + (3 * width)) : w0;
        TVector c00 = w0, c01 = w1, c02 = w2, c03 = w3;
        TVector c10 = w0, c11 = w1, c12 = w2, c13 = w3;
        TVector c20 = w0, c21 = w1, c22 = w2, c23 = w3;
        TVector c30 = w0, c31 = w1, c32 = w2, c33 = w3;
        TVector c40 = w0, c41 = w1, c42 = w2, c43 = w3;
        TVector c50 = w0, c51 = w1, c52 = w2, c53 = w3;
        w += TVectors.Value * width;
        int* rows = tile->Rows;
        byte* origin = tile->Base;
        nint depth = tile->Depth;
        nint taps = tile->Taps;
        byte* next = tile->Next;
        nint nextStep = tile->NextStep;
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
            do
            {
                if (Sse.IsSupported)
                    Sse.Prefetch1(next);
                next += nextStep;
                w0 = TIsa.Load(w);
                w1 = TVectors.Value > 1 ? TIsa.Load(w + width) : w0;
                w2 = TVectors.Value > 2 ? TIsa.Load(w + (2 * width)) : w0;
                w3 = TVectors.Value > 3 ? TIsa.Load(w + (3 * width)) : w0;
                AddRow<TVectors>(a0[k], w0, w1, w2, w3, ref c00, ref c01, ref c02, ref c03);
                if (TRows.Value > 1)
                    AddRow<TVectors>(a1[k], w0, w1, w2, w3, ref c10, ref c11, ref c12, ref c13);
                if (TRows.Value > 2)
                    AddRow<TVectors>(a2[k], w0, w1, w2, w3, ref c20, ref c21, ref c22, ref c23);
                if (TRows.Value > 3)
                    AddRow<TVectors>(a3[k], w0, w1, w2, w3, ref c30, ref c31, ref c32, ref c33);
                if (TRows.Value > 4)
                    AddRow<TVectors>(a4[k], w0, w1, w2, w3, ref c40, ref c41, ref c42, ref c43);
                if (TRows.Value > 5)
                    AddRow<TVectors>(a5[k], w0, w1, w2, w3, ref c50, ref c51, ref c52, ref c53);
                w += TVectors.Value * width;
                k++;
            }
            while (k < depth);
        }
        while (--taps != 0);

        StoreRow<TVectors>(tile, 0, c00, c01, c02, c03);
        if (TRows.Value > 1)
            StoreRow<TVectors>(tile, 1, c10, c11, c12, c13);
        if (TRows.Value > 2)
            StoreRow<TVectors>(tile, 2, c20, c21, c22, c23);
        if (TRows.Value > 3)
            StoreRow<TVectors>(tile, 3, c30, c31, c32, c33);
        if (TRows.Value > 4)
            StoreRow<TVectors>(tile, 4, c40, c41, c42, c43);
        if (TRows.Value > 5)
            StoreRow<TVectors>(tile, 5, c50, c51, c52, c53);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TVectors>(float input, TVector w0, TVector w1, TVector w2, TVector w3, ref TVector c0, ref TVector c1, ref TVector c2, ref TVector c3)
        where TVectors : struct, ICount
    {
        TVector x = TIsa.Broadcast(input);
        c0 = TIsa.MultiplyAdd(x, w0, c0);
        if (TVectors.Value > 1)
            c1 = TIsa.MultiplyAdd(x, w1, c1);
        if (TVectors.Value > 2)
            c2 = TIsa.MultiplyAdd(x, w2, c2);
        if (TVectors.Value > 3)
            c3 = TIsa.MultiplyAdd(x, w3, c3);
    }

    /// <summary>Stores a row of sums, clamped and with the residual added; of more than one vector the first ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRow<TVectors>(F32GemmTile* tile, int row, TVector c0, TVector c1, TVector c2, TVector c3)
        where TVectors : struct, ICount
    {
        int width = TIsa.Lanes;
        float* output = tile->Output + (row * tile->OutputStride);
        if (tile->Residual != null)
        {
            float* residual = tile->Residual + (row * tile->ResidualStride);
            c0 = TIsa.Add(c0, TIsa.Load(residual));
            if (TVectors.Value > 1)
                c1 = TIsa.Add(c1, TIsa.Load(residual + width));
            if (TVectors.Value > 2)
                c2 = TIsa.Add(c2, TIsa.Load(residual + (2 * width)));
            if (TVectors.Value > 3)
                c3 = TIsa.Add(c3, TIsa.Load(residual + (3 * width)));
        }
        TVector low = TIsa.Broadcast(tile->Low);
        TVector high = TIsa.Broadcast(tile->High);
        TIsa.Store(TIsa.AtMost(TIsa.AtLeast(c0, low), high), output);
        if (TVectors.Value > 1)
            TIsa.Store(TIsa.AtMost(TIsa.AtLeast(c1, low), high), output + width);
        if (TVectors.Value > 2)
            TIsa.Store(TIsa.AtMost(TIsa.AtLeast(c2, low), high), output + (2 * width));
        if (TVectors.Value > 3)
            TIsa.Store(TIsa.AtMost(TIsa.AtLeast(c3, low), high), output + (3 * width));
    }
}
