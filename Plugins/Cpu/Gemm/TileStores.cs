using System.Runtime.CompilerServices;

namespace TransformFramework.Cpu.Gemm;

/// <summary>Where a row of a tile's sums goes from the registers.</summary>
internal unsafe interface ITileStore<TSums>
    where TSums : struct
{
    /// <summary>Takes the sums of a row, of which the vectors past the tile's are copies.</summary>
    static abstract void Store<TVectors>(CodeTile* tile, int row, TSums c0, TSums c1, TSums c2, TSums c3)
        where TVectors : struct, ICount;
}

/// <summary>Keeps the sums.</summary>
internal readonly unsafe struct SumStore<TSet, TSums, TWeights, TInput> : ITileStore<TSums>
    where TSet : struct, ICodeSet<TSums, TWeights, TInput>
    where TSums : struct
    where TWeights : struct
    where TInput : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TVectors>(CodeTile* tile, int row, TSums c0, TSums c1, TSums c2, TSums c3)
        where TVectors : struct, ICount
    {
        int width = TSet.Width;
        int* output = tile->Output + (row * tile->OutputStride);
        TSet.StoreSums(c0, output);
        if (TVectors.Value > 1)
            TSet.StoreSums(c1, output + width);
        if (TVectors.Value > 2)
            TSet.StoreSums(c2, output + (2 * width));
        if (TVectors.Value > 3)
            TSet.StoreSums(c3, output + (3 * width));
    }
}

/// <summary>Requantizes the sums; the tile is that of a <see cref="RequantizedTile"/>.</summary>
internal readonly unsafe struct CodeStore<TSet, TFloats, TConversions, TSums> : ITileStore<TSums>
    where TSet : struct, IFloatSet<TFloats>
    where TFloats : struct
    where TConversions : struct, ICodeConversions<TSums, TFloats>
    where TSums : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TVectors>(CodeTile* tile, int row, TSums c0, TSums c1, TSums c2, TSums c3)
        where TVectors : struct, ICount
    {
        var work = (RequantizedTile*)tile;
        nint at = row * tile->OutputStride;
        byte* output = (byte*)tile->Output + at;
        byte* summand = work->Summand == null ? null : work->Summand + at;
        int width = TSet.Width;
        c0 = Code(work, c0, 0, summand);
        if (TVectors.Value > 1)
            c1 = Code(work, c1, width, summand);
        if (TVectors.Value > 2)
            c2 = Code(work, c2, 2 * width, summand);
        if (TVectors.Value > 3)
        {
            c3 = Code(work, c3, 3 * width, summand);
            TConversions.StoreBytes(c0, c1, c2, c3, output, work->Low < 0);
            return;
        }
        TConversions.StoreBytes(c0, output);
        if (TVectors.Value > 1)
            TConversions.StoreBytes(c1, output + width);
        if (TVectors.Value > 2)
            TConversions.StoreBytes(c2, output + (2 * width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TSums Code(RequantizedTile* work, TSums sums, int column, byte* summand)
    {
        TFloats code = TSet.Multiply(TConversions.ToFloats(sums), TSet.Load(work->Scale + column));
        if (summand != null)
            code = TSet.Add(code, TSet.Multiply(TConversions.ToFloats(TConversions.LoadUnsigned(summand + column)), TSet.Broadcast(work->SummandFactor)));
        return TConversions.Round(TSet.AtMost(TSet.AtLeast(code, TSet.Broadcast(work->Low)), TSet.Broadcast(work->High)));
    }
}
