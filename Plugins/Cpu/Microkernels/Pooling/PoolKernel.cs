using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Pooling;

/// <summary>One window of a pooling, the taps outside the image left out.</summary>
internal unsafe struct PoolTile : IVectorWork
{
    /// <summary>First channel of the first tap.</summary>
    public float* Input;

    /// <summary>Floats from one row of taps to the next.</summary>
    public nint RowStride;

    /// <summary>Floats from one tap of a row to the next.</summary>
    public nint TapStride;

    public int TapRows;

    public int TapColumns;

    public float* Output;

    public nint Channels;

    /// <summary>What sums are multiplied with.</summary>
    public float Factor;

    public readonly nint Length => Channels;

    public void Skip(nint channels)
    {
        Input += channels;
        Output += channels;
        Channels -= channels;
    }
}

/// <summary>Pooling of one window; sums are taken by rows, then over the rows, to keep rounding errors small.</summary>
internal static unsafe class PoolKernel<TIsa, TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    public static void Max(PoolTile* tile, nint channels)
    {
        for (nint c = 0; c < channels; c += TIsa.Lanes)
        {
            TVector best = TIsa.Broadcast(float.MinValue);
            for (int ky = 0; ky < tile->TapRows; ky++)
            {
                float* x = tile->Input + c + (ky * tile->RowStride);
                for (int kx = tile->TapColumns; kx > 0; kx--)
                {
                    best = TIsa.AtLeast(best, TIsa.Load(x));
                    x += tile->TapStride;
                }
            }
            TIsa.Store(best, tile->Output + c);
        }
    }

    public static void Sum(PoolTile* tile, nint channels)
    {
        TVector factor = TIsa.Broadcast(tile->Factor);
        for (nint c = 0; c < channels; c += TIsa.Lanes)
        {
            TVector total = TIsa.Broadcast(0);
            for (int ky = 0; ky < tile->TapRows; ky++)
            {
                float* x = tile->Input + c + (ky * tile->RowStride);
                TVector sum = TIsa.Load(x);
                for (int kx = tile->TapColumns; kx > 1; kx--)
                {
                    x += tile->TapStride;
                    sum = TIsa.Add(sum, TIsa.Load(x));
                }
                total = TIsa.Add(total, sum);
            }
            TIsa.Store(TIsa.Multiply(total, factor), tile->Output + c);
        }
    }
}
