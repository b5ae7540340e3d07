using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Neon;

/// <summary>Depthwise convolution of quantized values for some pixels side by side: products of 16 bits are added in 32 bits (<c>smlal</c>), eight channels at a time.</summary>
internal static unsafe class NeonInt8DepthwiseKernel
{
    /// <summary>Channels of a vector.</summary>
    public const int Lanes = 8;

    private const int Width = 4;

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
        for (nint c = 0; c < channels; c += Lanes)
        {
            Vector128<int> low0 = Vector128.Load(tile->Bias + c);
            Vector128<int> high0 = Vector128.Load(tile->Bias + c + Width);
            Vector128<int> low1 = low0, low2 = low0, low3 = low0;
            Vector128<int> high1 = high0, high2 = high0, high3 = high0;
            byte* row = tile->Input + c;
            int* rowWeights = tile->Weights + c;
            for (int ky = tile->TapRows; ky > 0; ky--)
            {
                byte* x = row;
                int* w = rowWeights;
                for (int kx = tile->TapColumns; kx > 0; kx--)
                {
                    Vector128<short> weights = AdvSimd.Arm64.UnzipEven(Vector128.Load(w).AsInt16(), Vector128.Load(w + Width).AsInt16());
                    Add<TSign>(x, weights, ref low0, ref high0);
                    if (TPixels.Value > 1)
                        Add<TSign>(x + pixel, weights, ref low1, ref high1);
                    if (TPixels.Value > 2)
                    {
                        Add<TSign>(x + (2 * pixel), weights, ref low2, ref high2);
                        Add<TSign>(x + (3 * pixel), weights, ref low3, ref high3);
                    }
                    x += tile->TapStride;
                    w += tile->WeightTapStride;
                }
                row += tile->RowStride;
                rowWeights += tile->WeightRowStride;
            }
            Store(tile, c, 0, low0, high0);
            if (TPixels.Value > 1)
                Store(tile, c, 1, low1, high1);
            if (TPixels.Value > 2)
            {
                Store(tile, c, 2, low2, high2);
                Store(tile, c, 3, low3, high3);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TSign>(byte* quantized, Vector128<short> weights, ref Vector128<int> low, ref Vector128<int> high)
        where TSign : struct, IInt8Sign
    {
        Vector64<byte> bytes = Vector64.Load(quantized);
        Vector128<short> x = TSign.IsSigned ? AdvSimd.SignExtendWideningLower(bytes.AsSByte()) : AdvSimd.ZeroExtendWideningLower(bytes).AsInt16();
        low = AdvSimd.MultiplyWideningLowerAndAdd(low, x.GetLower(), weights.GetLower());
        high = AdvSimd.MultiplyWideningUpperAndAdd(high, x, weights);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Int8DepthwiseTile* tile, nint channel, int pixel, Vector128<int> low, Vector128<int> high)
    {
        nint at = (pixel * tile->OutputStride) + channel;
        if (tile->Scale == null)
        {
            low.Store(tile->Output + at);
            high.Store(tile->Output + at + Width);
            return;
        }
        NeonInt8Conversions.StoreBytes(Level(tile, low, channel), Level(tile, high, channel + Width), tile->Quantized + at, isSigned: false);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Level(Int8DepthwiseTile* tile, Vector128<int> sums, nint channel)
    {
        Vector128<float> q = AdvSimd.ConvertToSingle(sums) * Vector128.Load(tile->Scale + channel);
        return AdvSimd.ConvertToInt32RoundToEven(AdvSimd.Min(AdvSimd.Max(q, Vector128.Create(tile->Low)), Vector128.Create(tile->High)));
    }
}
