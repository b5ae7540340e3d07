using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Pooling;

namespace TransformFramework.Cpu.Microkernels.Neon;

/// <summary>Pooling of one window of quantized values, 16 channels at a time.</summary>
internal static unsafe class NeonInt8PoolKernel
{
    /// <summary>Channels of a vector.</summary>
    public const int Lanes = 16;

    /// <summary>Taps whose sum fits in 16 bits.</summary>
    private const int MostTaps = ushort.MaxValue / byte.MaxValue;

    private const int MostTapsOfFloats = 1 << 16;

    public static void Max(Int8PoolTile* window, nint channels)
    {
        byte sign = window->IsSigned ? (byte)0x80 : (byte)0;
        Vector128<byte> flip = Vector128.Create(sign);
        for (nint c = 0; c < channels; c += Lanes)
        {
            Vector128<byte> best = Vector128<byte>.Zero;
            for (int ky = 0; ky < window->TapRows; ky++)
            {
                byte* x = window->Input + c + (ky * window->RowStride);
                for (int kx = window->TapColumns; kx > 0; kx--)
                {
                    best = AdvSimd.Max(best, Vector128.Load(x) ^ flip);
                    x += window->TapStride;
                }
            }
            (best ^ flip).Store(window->Output + c);
        }
    }

    /// <summary>Means, truncated: of so many taps the sum is exact as a float, and no quotient that is not whole rounds up to a whole one.</summary>
    public static void Mean(Int8PoolTile* window, nint channels)
    {
        long taps = (long)window->TapRows * window->TapColumns;
        if (taps > MostTapsOfFloats)
        {
            Int8PoolKernel<Vector128FloatIsa, Vector128<float>, NeonInt8Conversions, Vector128<int>>.Mean(window, channels);
            return;
        }
        Vector128<float> count = Vector128.Create((float)Math.Max(1, taps));
        for (nint c = 0; c < channels; c += Lanes)
        {
            Vector128<uint> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            Vector128<ushort> low = default, high = default;
            int room = MostTaps;
            for (int ky = 0; ky < window->TapRows; ky++)
            {
                byte* x = window->Input + c + (ky * window->RowStride);
                for (int kx = window->TapColumns; kx > 0; kx--)
                {
                    Vector128<byte> values = Vector128.Load(x);
                    low = AdvSimd.AddWideningLower(low, values.GetLower());
                    high = AdvSimd.AddWideningUpper(high, values);
                    x += window->TapStride;
                    if (--room > 0)
                        continue;
                    Spill(ref low, ref sum0, ref sum1);
                    Spill(ref high, ref sum2, ref sum3);
                    room = MostTaps;
                }
            }
            Spill(ref low, ref sum0, ref sum1);
            Spill(ref high, ref sum2, ref sum3);
            NeonInt8Conversions.StoreBytes(Quotients(sum0, count), Quotients(sum1, count), Quotients(sum2, count), Quotients(sum3, count), window->Output + c, isSigned: false);
        }
    }

    private static void Spill(ref Vector128<ushort> words, ref Vector128<uint> low, ref Vector128<uint> high)
    {
        low = AdvSimd.AddWideningLower(low, words.GetLower());
        high = AdvSimd.AddWideningUpper(high, words);
        words = default;
    }

    private static Vector128<int> Quotients(Vector128<uint> sums, Vector128<float> count) => AdvSimd.ConvertToInt32RoundToZero(AdvSimd.Arm64.Divide(AdvSimd.ConvertToSingle(sums), count));
}
