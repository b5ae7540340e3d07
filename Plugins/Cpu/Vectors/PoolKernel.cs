using TransformFramework.Cpu.Gemm;

namespace TransformFramework.Cpu.Vectors;

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
internal static unsafe class PoolKernel<TSet, TVector>
    where TSet : struct, IFloatSet<TVector>
    where TVector : struct
{
    public static void Max(PoolTile* tile, nint channels)
    {
        for (nint c = 0; c < channels; c += TSet.Width)
        {
            TVector best = TSet.Broadcast(float.MinValue);
            for (int ky = 0; ky < tile->TapRows; ky++)
            {
                float* x = tile->Input + c + (ky * tile->RowStride);
                for (int kx = tile->TapColumns; kx > 0; kx--)
                {
                    best = TSet.AtLeast(best, TSet.Load(x));
                    x += tile->TapStride;
                }
            }
            TSet.Store(best, tile->Output + c);
        }
    }

    public static void Sum(PoolTile* tile, nint channels)
    {
        TVector factor = TSet.Broadcast(tile->Factor);
        for (nint c = 0; c < channels; c += TSet.Width)
        {
            TVector total = TSet.Broadcast(0);
            for (int ky = 0; ky < tile->TapRows; ky++)
            {
                float* x = tile->Input + c + (ky * tile->RowStride);
                TVector sum = TSet.Load(x);
                for (int kx = tile->TapColumns; kx > 1; kx--)
                {
                    x += tile->TapStride;
                    sum = TSet.Add(sum, TSet.Load(x));
                }
                total = TSet.Add(total, sum);
            }
            TSet.Store(TSet.Multiply(total, factor), tile->Output + c);
        }
    }
}
