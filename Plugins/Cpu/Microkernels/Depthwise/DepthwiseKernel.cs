using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Depthwise;

/// <summary>The work of one call of the depthwise kernel: output[p, c] = clamp(bias[c] + Σ input[p, tap, c]·weight[tap, c]).</summary>
internal unsafe struct DepthwiseTile : IVectorWork
{
    /// <summary>First channel of the first pixel's first tap.</summary>
    public float* Input;

    /// <summary>Floats from one output pixel's window to the next one's.</summary>
    public nint PixelStride;

    /// <summary>Floats from one row of taps to the next.</summary>
    public nint RowStride;

    /// <summary>Floats from one tap of a row to the next.</summary>
    public nint TapStride;

    public int TapRows;

    public int TapColumns;

    /// <summary>First channel of the first tap's weights; a tap's weights are as far apart as <see cref="WeightTapStride"/>.</summary>
    public float* Weights;

    public nint WeightRowStride;

    public nint WeightTapStride;

    public float* Bias;

    public float* Output;

    /// <summary>Floats from one output pixel to the next.</summary>
    public nint OutputStride;

    /// <summary>Floats from one output row to the next, for kernels of two.</summary>
    public nint OutputRowStride;

    public nint Channels;

    public float Low;

    public float High;

    public readonly nint Length => Channels;

    public void Skip(nint channels)
    {
        Input += channels;
        Weights += channels;
        Bias += channels;
        Output += channels;
        Channels -= channels;
    }
}

/// <summary>How the products of a depthwise convolution are added.</summary>
internal interface IDepthwiseProducts<TVector>
    where TVector : struct
{
    /// <summary>The sum with one product more.</summary>
    static abstract TVector Add(TVector input, TVector weight, TVector sum);

    /// <summary>The result of a sum.</summary>
    static abstract TVector Result(TVector sum);
}

/// <summary>Each product and its sum are rounded once.</summary>
internal readonly struct FusedProducts<TIsa, TVector> : IDepthwiseProducts<TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add(TVector input, TVector weight, TVector sum) => TIsa.MultiplyAdd(input, weight, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Result(TVector sum) => sum;
}

/// <summary>Products are rounded before they are added, and denormal inputs and results are zero, as in the reference kernel.</summary>
internal readonly struct RoundedProducts<TIsa, TVector> : IDepthwiseProducts<TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add(TVector input, TVector weight, TVector sum) => TIsa.Add(sum, TIsa.Multiply(TIsa.FlushDenormals(input), weight));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Result(TVector sum) => TIsa.FlushDenormals(sum);
}

/// <summary>Depthwise convolution of some pixels side by side: the weights of a tap are loaded once for all of them.</summary>
internal static unsafe class DepthwiseKernel<TIsa, TVector, TProducts>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
    where TProducts : struct, IDepthwiseProducts<TVector>
{
    public static void Run<TPixels>(DepthwiseTile* tile, nint channels)
        where TPixels : struct, ICount
    {
        nint pixel = tile->PixelStride;
        nint tapStride = tile->TapStride;
        nint weightStride = tile->WeightTapStride;
        TVector low = TIsa.Broadcast(tile->Low);
        TVector high = TIsa.Broadcast(tile->High);
        for (nint c = 0; c < channels; c += TIsa.Lanes)
        {
            TVector s0 = TIsa.Load(tile->Bias + c);
            TVector s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
            float* row = tile->Input + c;
            float* rowWeights = tile->Weights + c;
            for (int ky = tile->TapRows; ky > 0; ky--)
            {
                float* x = row;
                float* w = rowWeights;
                for (int kx = tile->TapColumns; kx > 0; kx--)
                {
                    TVector weight = TIsa.Load(w);
                    s0 = TProducts.Add(TIsa.Load(x), weight, s0);
                    if (TPixels.Value > 1)
                        s1 = TProducts.Add(TIsa.Load(x + pixel), weight, s1);
                    if (TPixels.Value > 2)
                    {
                        s2 = TProducts.Add(TIsa.Load(x + (2 * pixel)), weight, s2);
                        s3 = TProducts.Add(TIsa.Load(x + (3 * pixel)), weight, s3);
                    }
                    if (TPixels.Value > 4)
                    {
                        float* far = x + (4 * pixel);
                        s4 = TProducts.Add(TIsa.Load(far), weight, s4);
                        s5 = TProducts.Add(TIsa.Load(far + pixel), weight, s5);
                        s6 = TProducts.Add(TIsa.Load(far + (2 * pixel)), weight, s6);
                        s7 = TProducts.Add(TIsa.Load(far + (3 * pixel)), weight, s7);
                    }
                    x += tapStride;
                    w += weightStride;
                }
                row += tile->RowStride;
                rowWeights += tile->WeightRowStride;
            }
            float* y = tile->Output + c;
            nint next = tile->OutputStride;
            Store(s0, low, high, y);
            if (TPixels.Value > 1)
                Store(s1, low, high, y + next);
            if (TPixels.Value > 2)
            {
                Store(s2, low, high, y + (2 * next));
                Store(s3, low, high, y + (3 * next));
            }
            if (TPixels.Value > 4)
            {
                Store(s4, low, high, y + (4 * next));
                Store(s5, low, high, y + (5 * next));
                Store(s6, low, high, y + (6 * next));
                Store(s7, low, high, y + (7 * next));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector sum, TVector low, TVector high, float* target) => TIsa.Store(TIsa.AtMost(TIsa.AtLeast(TProducts.Result(sum), low), high), target);
}
