using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Depthwise;

/// <summary>
/// 3 × 3 depthwise convolution of stride 1 for four pixels of two rows: each of the 4 × 6 inputs is loaded once for all windows that have it, where a row at a time loads it up to nine times. Sums run over the taps in
/// the order of <see cref="DepthwiseKernel{TIsa,TVector,TProducts}"/>, so that the bits are the same.
/// </summary>
internal static unsafe class DepthwisePairKernel<TIsa, TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    public static void Run(DepthwiseTile* tile, nint channels)
    {
        nint pixel = tile->PixelStride;
        nint weightRow = tile->WeightRowStride;
        nint weightTap = tile->WeightTapStride;
        TVector low = TIsa.Broadcast(tile->Low);
        TVector high = TIsa.Broadcast(tile->High);
        for (nint c = 0; c < channels; c += TIsa.Lanes)
        {
            TVector u0 = TIsa.Load(tile->Bias + c);
            TVector u1 = u0, u2 = u0, u3 = u0, v0 = u0, v1 = u0, v2 = u0, v3 = u0;
            float* row = tile->Input + c;
            float* weights = tile->Weights + c;
            AddRow(row, pixel, weights, weightTap, ref u0, ref u1, ref u2, ref u3);
            row += tile->RowStride;
            AddRows(row, pixel, weights + weightRow, weights, weightTap, ref u0, ref u1, ref u2, ref u3, ref v0, ref v1, ref v2, ref v3);
            row += tile->RowStride;
            weights += weightRow;
            AddRows(row, pixel, weights + weightRow, weights, weightTap, ref u0, ref u1, ref u2, ref u3, ref v0, ref v1, ref v2, ref v3);
            row += tile->RowStride;
            AddRow(row, pixel, weights + weightRow, weightTap, ref v0, ref v1, ref v2, ref v3);
            Store(tile->Output + c, tile->OutputStride, low, high, u0, u1, u2, u3);
            Store(tile->Output + tile->OutputRowStride + c, tile->OutputStride, low, high, v0, v1, v2, v3);
        }
    }

    /// <summary>A row of inputs that one row of windows has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(float* row, nint pixel, float* weights, nint tap, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
    {
        TVector x1 = TIsa.Load(row + pixel);
        TVector x2 = TIsa.Load(row + (2 * pixel));
        TVector x3 = TIsa.Load(row + (3 * pixel));
        TVector x4 = TIsa.Load(row + (4 * pixel));
        AddTap(TIsa.Load(row), x1, x2, x3, TIsa.Load(weights), ref s0, ref s1, ref s2, ref s3);
        AddTap(x1, x2, x3, x4, TIsa.Load(weights + tap), ref s0, ref s1, ref s2, ref s3);
        AddTap(x2, x3, x4, TIsa.Load(row + (5 * pixel)), TIsa.Load(weights + (2 * tap)), ref s0, ref s1, ref s2, ref s3);
    }

    /// <summary>A row of inputs that both rows of windows have, each by its own weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows(
        float* row, nint pixel, float* upper, float* lower, nint tap, ref TVector u0, ref TVector u1, ref TVector u2, ref TVector u3, ref TVector v0, ref TVector v1, ref TVector v2, ref TVector v3)
    {
        TVector x0 = TIsa.Load(row);
        TVector x1 = TIsa.Load(row + pixel);
        TVector x2 = TIsa.Load(row + (2 * pixel));
        TVector x3 = TIsa.Load(row + (3 * pixel));
        TVector x4 = TIsa.Load(row + (4 * pixel));
        TVector x5 = TIsa.Load(row + (5 * pixel));
        AddTap(x0, x1, x2, x3, TIsa.Load(upper), ref u0, ref u1, ref u2, ref u3);
        AddTap(x0, x1, x2, x3, TIsa.Load(lower), ref v0, ref v1, ref v2, ref v3);
        AddTap(x1, x2, x3, x4, TIsa.Load(upper + tap), ref u0, ref u1, ref u2, ref u3);
        AddTap(x1, x2, x3, x4, TIsa.Load(lower + tap), ref v0, ref v1, ref v2, ref v3);
        AddTap(x2, x3, x4, x5, TIsa.Load(upper + (2 * tap)), ref u0, ref u1, ref u2, ref u3);
        AddTap(x2, x3, x4, x5, TIsa.Load(lower + (2 * tap)), ref v0, ref v1, ref v2, ref v3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTap(TVector x0, TVector x1, TVector x2, TVector x3, TVector weight, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
    {
        s0 = TIsa.MultiplyAdd(x0, weight, s0);
        s1 = TIsa.MultiplyAdd(x1, weight, s1);
        s2 = TIsa.MultiplyAdd(x2, weight, s2);
        s3 = TIsa.MultiplyAdd(x3, weight, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* output, nint next, TVector low, TVector high, TVector s0, TVector s1, TVector s2, TVector s3)
    {
        TIsa.Store(TIsa.AtMost(TIsa.AtLeast(s0, low), high), output);
        TIsa.Store(TIsa.AtMost(TIsa.AtLeast(s1, low), high), output + next);
        TIsa.Store(TIsa.AtMost(TIsa.AtLeast(s2, low), high), output + (2 * next));
        TIsa.Store(TIsa.AtMost(TIsa.AtLeast(s3, low), high), output + (3 * next));
    }
}
