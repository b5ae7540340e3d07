using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Depthwise;

/// <summary>The work of one call of the depthwise kernel on quantized values: accumulators[p, c] = start[c] + Σ input[p, tap, c]·weight[tap, c], or these as quantized values, round(clamp(sum · scale[c])), ties to even.</summary>
internal unsafe struct Int8DepthwiseTile : IVectorWork
{
    /// <summary>First channel of the first pixel's first tap.</summary>
    public byte* Input;

    /// <summary>Bytes from one output pixel's window to the next one's.</summary>
    public nint PixelStride;

    /// <summary>Bytes from one row of taps to the next.</summary>
    public nint RowStride;

    /// <summary>Bytes from one tap of a row to the next.</summary>
    public nint TapStride;

    public int TapRows;

    public int TapColumns;

    /// <summary>First channel of the first tap's weights, widened.</summary>
    public int* Weights;

    public nint WeightRowStride;

    public nint WeightTapStride;

    public int* Bias;

    /// <summary>Receives the accumulators; not used when there is a scale.</summary>
    public int* Output;

    /// <summary>Elements from one output pixel to the next.</summary>
    public nint OutputStride;

    /// <summary>What the accumulators of each channel are multiplied with to be 8-bit values; null when they stay accumulators.</summary>
    public float* Scale;

    public byte* Quantized;

    public float Low;

    public float High;

    public nint Channels;

    /// <summary>True for quantized values with a sign.</summary>
    public bool IsSigned;

    public readonly nint Length => Channels;

    public void Skip(nint channels)
    {
        Input += channels;
        Weights += channels;
        Bias += channels;
        Output += channels;
        Scale = Scale == null ? null : Scale + channels;
        Quantized += channels;
        Channels -= channels;
    }
}

/// <summary>How quantized values are stored.</summary>
internal interface IInt8Sign
{
    static abstract bool IsSigned { get; }
}

internal readonly struct UnsignedInt8 : IInt8Sign
{
    public static bool IsSigned => false;
}

internal readonly struct SignedInt8 : IInt8Sign
{
    public static bool IsSigned => true;
}

/// <summary>Depthwise convolution of quantized values for some pixels side by side: the weights of a tap are loaded once for all of them.</summary>
internal static unsafe class Int8DepthwiseKernel<TIsa, TFloats, TConversions, TAccumulators>
    where TIsa : struct, IFloatIsa<TFloats>
    where TFloats : struct
    where TConversions : struct, IInt8Conversions<TAccumulators, TFloats>
    where TAccumulators : struct
{
    public static void Run<TPixels>(Int8DepthwiseTile* tile, nint channels)
        where TPixels : struct, ICount
    {
        if (tile->IsSigned)
            Run<TPixels, SignedInt8>(tile, channels);
        else
            Run<TPixels, UnsignedInt8>(tile, channels);
    }

    private static void Run<TPixels, TSign>(Int8DepthwiseTile* tile, nint channels)
        where TPixels : struct, ICount
        where TSign : struct, IInt8Sign
    {
        nint pixel = tile->PixelStride;
        for (nint c = 0; c < channels; c += TIsa.Lanes)
        {
            TAccumulators s0 = TConversions.LoadAccumulators(tile->Bias + c);
            TAccumulators s1 = s0, s2 = s0, s3 = s0;
            byte* row = tile->Input + c;
            int* rowWeights = tile->Weights + c;
            for (int ky = tile->TapRows; ky > 0; ky--)
            {
                byte* x = row;
                int* w = rowWeights;
                for (int kx = tile->TapColumns; kx > 0; kx--)
                {
                    TAccumulators weight = TConversions.LoadAccumulators(w);
                    s0 = TConversions.Add(s0, TConversions.Multiply(Load<TSign>(x), weight));
                    if (TPixels.Value > 1)
                        s1 = TConversions.Add(s1, TConversions.Multiply(Load<TSign>(x + pixel), weight));
                    if (TPixels.Value > 2)
                    {
                        s2 = TConversions.Add(s2, TConversions.Multiply(Load<TSign>(x + (2 * pixel)), weight));
                        s3 = TConversions.Add(s3, TConversions.Multiply(Load<TSign>(x + (3 * pixel)), weight));
                    }
                    x += tile->TapStride;
                    w += tile->WeightTapStride;
                }
                row += tile->RowStride;
                rowWeights += tile->WeightRowStride;
            }
            Store(tile, c, 0, s0);
            if (TPixels.Value > 1)
                Store(tile, c, 1, s1);
            if (TPixels.Value > 2)
            {
                Store(tile, c, 2, s2);
                Store(tile, c, 3, s3);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Int8DepthwiseTile* tile, nint channel, int pixel, TAccumulators accumulators)
    {
        nint at = (pixel * tile->OutputStride) + channel;
        if (tile->Scale == null)
        {
            TConversions.StoreAccumulators(accumulators, tile->Output + at);
            return;
        }
        TFloats q = TIsa.Multiply(TConversions.ToFloats(accumulators), TIsa.Load(tile->Scale + channel));
        TConversions.StoreBytes(TConversions.Round(TIsa.AtMost(TIsa.AtLeast(q, TIsa.Broadcast(tile->Low)), TIsa.Broadcast(tile->High))), tile->Quantized + at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TAccumulators Load<TSign>(byte* quantized)
        where TSign : struct, IInt8Sign => TSign.IsSigned ? TConversions.LoadSigned((sbyte*)quantized) : TConversions.LoadUnsigned(quantized);
}
