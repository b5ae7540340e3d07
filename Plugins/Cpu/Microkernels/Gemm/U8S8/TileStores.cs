using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.U8S8;

/// <summary>Where a row of a tile's accumulators goes from the registers.</summary>
internal unsafe interface ITileStore<TAccumulators>
    where TAccumulators : struct
{
    /// <summary>Takes the accumulators of a row, of which the vectors past the tile's are copies.</summary>
    static abstract void Store<TVectors>(U8S8GemmTile* tile, int row, TAccumulators c0, TAccumulators c1, TAccumulators c2, TAccumulators c3)
        where TVectors : struct, ICount;
}

/// <summary>Keeps the accumulators.</summary>
internal readonly unsafe struct AccumulatorStore<TIsa, TAccumulators, TWeights, TInput> : ITileStore<TAccumulators>
    where TIsa : struct, IInt8Isa<TAccumulators, TWeights, TInput>
    where TAccumulators : struct
    where TWeights : struct
    where TInput : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TVectors>(U8S8GemmTile* tile, int row, TAccumulators c0, TAccumulators c1, TAccumulators c2, TAccumulators c3)
        where TVectors : struct, ICount
    {
        int width = TIsa.Lanes;
        int* output = tile->Output + (row * tile->OutputStride);
        TIsa.StoreAccumulators(c0, output);
        if (TVectors.Value > 1)
            TIsa.StoreAccumulators(c1, output + width);
        if (TVectors.Value > 2)
            TIsa.StoreAccumulators(c2, output + (2 * width));
        if (TVectors.Value > 3)
            TIsa.StoreAccumulators(c3, output + (3 * width));
    }
}

/// <summary>Requantizes the accumulators, which <see cref="Microkernels.Requantize.AccumulatorBounds"/> hold within 32 bits; the tile is that of a <see cref="U8S8RequantizedTile"/>.</summary>
internal readonly unsafe struct RequantizingStore<TIsa, TFloats, TConversions, TAccumulators> : ITileStore<TAccumulators>
    where TIsa : struct, IFloatIsa<TFloats>
    where TFloats : struct
    where TConversions : struct, IInt8Conversions<TAccumulators, TFloats>
    where TAccumulators : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TVectors>(U8S8GemmTile* tile, int row, TAccumulators c0, TAccumulators c1, TAccumulators c2, TAccumulators c3)
        where TVectors : struct, ICount
    {
        var work = (U8S8RequantizedTile*)tile;
        nint at = row * tile->OutputStride;
        byte* output = (byte*)tile->Output + at;
        byte* residual = work->Residual == null ? null : work->Residual + at;
        int width = TIsa.Lanes;
        bool saturatesFours = TVectors.Value > 3 && TConversions.SaturatesFrom <= 4;
        bool saturatesPairs = saturatesFours || (TVectors.Value > 1 && TConversions.SaturatesFrom <= 2);
        c0 = Level(work, c0, 0, residual, saturatesPairs);
        if (TVectors.Value > 1)
            c1 = Level(work, c1, width, residual, saturatesPairs);
        if (TVectors.Value > 2)
            c2 = Level(work, c2, 2 * width, residual, saturatesFours);
        if (TVectors.Value > 3)
        {
            c3 = Level(work, c3, 3 * width, residual, saturatesFours);
            TConversions.StoreBytes(c0, c1, c2, c3, output, work->Low < 0);
            return;
        }
        if (TVectors.Value == 1)
            TConversions.StoreBytes(c0, output);
        else
            TConversions.StoreBytes(c0, c1, output, work->Low < 0);
        if (TVectors.Value > 2)
            TConversions.StoreBytes(c2, output + (2 * width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TAccumulators Level(U8S8RequantizedTile* work, TAccumulators accumulators, int column, byte* residual, bool saturates)
    {
        TFloats q = TIsa.Multiply(TConversions.ToFloats(accumulators), TIsa.Load(work->Scale + column));
        if (residual != null)
            q = TIsa.Add(q, TIsa.Multiply(TConversions.ToFloats(TConversions.LoadUnsigned(residual + column)), TIsa.Broadcast(work->ResidualScale)));
        return saturates ? TConversions.Round(q) : TConversions.Round(TIsa.AtMost(TIsa.AtLeast(q, TIsa.Broadcast(work->Low)), TIsa.Broadcast(work->High)));
    }
}
