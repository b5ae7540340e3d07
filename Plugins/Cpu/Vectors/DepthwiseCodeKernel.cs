using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Gemm;

namespace TransformFramework.Cpu.Vectors;

/// <summary>The work of one call of the depthwise kernel on codes: sums[p, c] = start[c] + Σ input[p, tap, c]·weight[tap, c], or these as codes, round(clamp(sum · scale[c])), ties to even.</summary>
internal unsafe struct DepthwiseCodes : IVectorWork
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

    public int* Start;

    /// <summary>Receives the sums; not used when there is a scale.</summary>
    public int* Output;

    /// <summary>Elements from one output pixel to the next.</summary>
    public nint OutputStride;

    /// <summary>What the sums of each channel are multiplied with to be 8-bit codes; null when they stay sums.</summary>
    public float* Scale;

    public byte* Codes;

    public float Low;

    public float High;

    public nint Channels;

    /// <summary>True for codes with a sign.</summary>
    public bool IsSigned;

    public readonly nint Length => Channels;

    public void Skip(nint channels)
    {
        Input += channels;
        Weights += channels;
        Start += channels;
        Output += channels;
        Scale = Scale == null ? null : Scale + channels;
        Codes += channels;
        Channels -= channels;
    }
}

/// <summary>How codes are stored.</summary>
internal interface ICodeSign
{
    static abstract bool IsSigned { get; }
}

internal readonly struct UnsignedCodes : ICodeSign
{
    public static bool IsSigned => false;
}

internal readonly struct SignedCodes : ICodeSign
{
    public static bool IsSigned => true;
}

/// <summary>Depthwise convolution of codes for some pixels side by side: the weights of a tap are loaded once for all of them.</summary>
internal static unsafe class DepthwiseCodeKernel<TSet, TFloats, TConversions, TSums>
    where TSet : struct, IFloatSet<TFloats>
    where TFloats : struct
    where TConversions : struct, ICodeConversions<TSums, TFloats>
    where TSums : struct
{
    public static void Run<TPixels>(DepthwiseCodes* tile, nint channels)
        where TPixels : struct, ICount
    {
        if (tile->IsSigned)
            Run<TPixels, SignedCodes>(tile, channels);
        else
            Run<TPixels, UnsignedCodes>(tile, channels);
    }

    private static void Run<TPixels, TSign>(DepthwiseCodes* tile, nint channels)
        where TPixels : struct, ICount
        where TSign : struct, ICodeSign
    {
        nint pixel = tile->PixelStride;
        for (nint c = 0; c < channels; c += TSet.Width)
        {
            TSums s0 = TConversions.LoadSums(tile->Start + c);
            TSums s1 = s0, s2 = s0, s3 = s0;
            byte* row = tile->Input + c;
            int* rowWeights = tile->Weights + c;
            for (int ky = tile->TapRows; ky > 0; ky--)
            {
                byte* x = row;
                int* w = rowWeights;
                for (int kx = tile->TapColumns; kx > 0; kx--)
                {
                    TSums weight = TConversions.LoadSums(w);
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
    private static void Store(DepthwiseCodes* tile, nint channel, int pixel, TSums sums)
    {
        nint at = (pixel * tile->OutputStride) + channel;
        if (tile->Scale == null)
        {
            TConversions.StoreSums(sums, tile->Output + at);
            return;
        }
        TFloats code = TSet.Multiply(TConversions.ToFloats(sums), TSet.Load(tile->Scale + channel));
        TConversions.StoreBytes(TConversions.Round(TSet.AtMost(TSet.AtLeast(code, TSet.Broadcast(tile->Low)), TSet.Broadcast(tile->High))), tile->Codes + at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TSums Load<TSign>(byte* codes)
        where TSign : struct, ICodeSign => TSign.IsSigned ? TConversions.LoadSigned((sbyte*)codes) : TConversions.LoadUnsigned(codes);
}
