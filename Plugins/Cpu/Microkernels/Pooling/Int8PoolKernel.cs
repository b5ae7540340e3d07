using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Pooling;

/// <summary>One window of a pooling of 8-bit values (of means, quint8 ones), the taps outside the image left out.</summary>
internal unsafe struct Int8PoolTile : IVectorWork
{
    /// <summary>First channel of the first tap.</summary>
    public byte* Input;

    /// <summary>Bytes from one row of taps to the next.</summary>
    public nint RowStride;

    /// <summary>Bytes from one tap of a row to the next.</summary>
    public nint TapStride;

    public int TapRows;

    public int TapColumns;

    public byte* Output;

    public nint Channels;

    /// <summary>True for quantized values with a sign.</summary>
    public bool IsSigned;

    public readonly nint Length => Channels;

    public void Skip(nint channels)
    {
        Input += channels;
        Output += channels;
        Channels -= channels;
    }
}

/// <summary>Pooling of one window of quantized values.</summary>
internal static unsafe class Int8PoolKernel<TIsa, TFloats, TConversions, TAccumulators>
    where TIsa : struct, IFloatIsa<TFloats>
    where TFloats : struct
    where TConversions : struct, IInt8Conversions<TAccumulators, TFloats>
    where TAccumulators : struct
{
    private const int WidestVector = 16;

    public static void Max(Int8PoolTile* window, nint channels)
    {
        for (nint c = 0; c < channels; c += TIsa.Lanes)
        {
            TAccumulators best = TConversions.Broadcast(window->IsSigned ? sbyte.MinValue : 0);
            for (int ky = 0; ky < window->TapRows; ky++)
            {
                byte* x = window->Input + c + (ky * window->RowStride);
                for (int kx = window->TapColumns; kx > 0; kx--)
                {
                    best = TConversions.Max(best, window->IsSigned ? TConversions.LoadSigned((sbyte*)x) : TConversions.LoadUnsigned(x));
                    x += window->TapStride;
                }
            }
            TConversions.StoreBytes(best, window->Output + c);
        }
    }

    public static void Mean(Int8PoolTile* window, nint channels)
    {
        int* accumulators = stackalloc int[WidestVector];
        int count = Math.Max(1, window->TapRows * window->TapColumns);
        for (nint c = 0; c < channels; c += TIsa.Lanes)
        {
            TAccumulators sum = TConversions.Broadcast(0);
            for (int ky = 0; ky < window->TapRows; ky++)
            {
                byte* x = window->Input + c + (ky * window->RowStride);
                for (int kx = window->TapColumns; kx > 0; kx--)
                {
                    sum = TConversions.Add(sum, TConversions.LoadUnsigned(x));
                    x += window->TapStride;
                }
            }
            TConversions.StoreAccumulators(sum, accumulators);
            for (int i = 0; i < TIsa.Lanes; i++)
                window->Output[c + i] = (byte)(accumulators[i] / count);
        }
    }
}
