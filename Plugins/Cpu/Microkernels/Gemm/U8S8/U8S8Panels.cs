using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.U8S8;

/// <summary>
/// Weights of an 8-bit product, packed: panels of as many columns as a tile has, each the initial bias followed by the weights of each tap, dot-product group and step, column by column.
/// The last panel has only the vectors that it needs; columns past the last and inputs past the depth are zero. A panel with weights that the kernels are not exact for is packed for their widened ones.
/// </summary>
internal sealed unsafe class U8S8Panels
{
    private const int Group = 4;

    private readonly AlignedMemory memory;
    private readonly int width;
    private readonly bool[] widened;
    private readonly long[] starts;

    private U8S8Panels(U8S8GemmKernels tiles, int taps, int depth, int columns, ReadOnlySpan<byte> unsafeColumns)
    {
        width = tiles.Lanes;
        Nr = tiles.Contract.Nr;
        Taps = taps;
        Depth = depth;
        Columns = columns;
        widened = new bool[Count];
        starts = new long[Count + 1];
        for (int panel = 0; panel < Count; panel++)
        {
            widened[panel] = !unsafeColumns.IsEmpty && unsafeColumns.Slice(panel * Nr, UsedOf(panel)).ContainsAnyExcept((byte)0);
            starts[panel + 1] = starts[panel] + (ColumnsOf(panel) * (sizeof(int) + ((long)taps * depth * (widened[panel] ? tiles.Widened!.WeightBytes : tiles.WeightBytes))));
        }
        memory = new(starts[Count]);
    }

    public int Nr { get; }

    public int Taps { get; }

    /// <summary>Inputs of a tap, rounded up to whole dot-product groups.</summary>
    public int Depth { get; }

    public int Columns { get; }

    public int Count => (Columns + Nr - 1) / Nr;

    public long Bytes => memory.Length;

    /// <summary>Panels that are packed for widened kernels.</summary>
    public int WidenedCount => widened.Count(isWidened => isWidened);

    /// <summary>Packs weights.</summary>
    /// <param name="tiles">The kernels that will read them.</param>
    /// <param name="weights">Row-major [taps · depth, columns].</param>
    /// <param name="taps">Number of taps.</param>
    /// <param name="depth">Rows of weights a tap.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="initialBias">Start of each column's accumulators; empty for zeros.</param>
    public static U8S8Panels Pack(U8S8GemmKernels tiles, ReadOnlySpan<sbyte> weights, int taps, int depth, int columns, ReadOnlySpan<int> initialBias)
    {
        int groups = (depth + Group - 1) / Group;
        var panels = new U8S8Panels(tiles, taps, groups * Group, columns, tiles.Widened is null ? [] : PairSaturation.Find(weights, depth, columns));
        for (int panel = 0; !initialBias.IsEmpty && panel < panels.Count; panel++)
            initialBias.Slice(panel * panels.Nr, panels.UsedOf(panel)).CopyTo(new(panels.Panel(panel), panels.UsedOf(panel)));
        for (int tap = 0; tap < taps; tap++)
        {
            for (int k = 0; k < depth; k += Group)
            {
                int inputs = Math.Min(Group, depth - k);
                panels.PackGroups(tiles, weights.Slice(((tap * depth) + k) * columns, inputs * columns), inputs, (tap * panels.Depth) + k);
            }
        }
        for (int panel = 0; panel < panels.Count; panel++)
            panels.ReadersOf(panel, tiles).CompensateStarts(panels.Panel(panel), panels.ColumnsOf(panel), (nint)taps * panels.Depth);
        return panels;
    }

    /// <summary>Start of a panel.</summary>
    public sbyte* Panel(int panel) => (sbyte*)memory.Pointer + starts[panel];

    /// <summary>True for a panel that is packed for widened kernels.</summary>
    public bool IsWidened(int panel) => widened[panel];

    /// <summary>Columns of a panel with its padding, whole vectors.</summary>
    public int ColumnsOf(int panel) => Math.Min(Nr, (Columns - (panel * Nr) + width - 1) / width * width);

    /// <summary>Vectors of a panel.</summary>
    public int VectorsOf(int panel) => ColumnsOf(panel) / width;

    private U8S8GemmKernels ReadersOf(int panel, U8S8GemmKernels tiles) => widened[panel] ? tiles.Widened! : tiles;

    private int UsedOf(int panel) => Math.Min(Nr, Columns - (panel * Nr));

    /// <summary>Packs up to four rows of weights, of the inputs from one on, into all panels.</summary>
    private void PackGroups(U8S8GemmKernels tiles, ReadOnlySpan<sbyte> rows, int inputs, int input)
    {
        for (int panel = 0; panel < Count; panel++)
        {
            int stride = ColumnsOf(panel);
            U8S8GemmKernels readers = ReadersOf(panel, tiles);
            sbyte* group = Panel(panel) + (stride * (sizeof(int) + ((nint)input * readers.WeightBytes)));
            PackGroup(readers, rows[(panel * Nr)..], inputs, UsedOf(panel), stride, group);
        }
    }

    /// <summary>Puts the weights of a dot-product group's inputs, rows of the matrix from a panel's first column on, into the places that its steps expect.</summary>
    private void PackGroup(U8S8GemmKernels tiles, ReadOnlySpan<sbyte> rows, int inputs, int used, int stride, sbyte* group)
    {
        int packed = inputs == Group ? PackVectors(tiles, rows, used, stride, group) : 0;
        int kr = tiles.Contract.Kr;
        for (int input = 0; input < inputs; input++)
        {
            nint target = (input / kr * stride * kr) + (input % kr);
            for (int column = packed; column < used; column++)
                Store(tiles, group, target + (column * kr), rows[(input * Columns) + column]);
        }
    }

    private static void Store(U8S8GemmKernels tiles, sbyte* group, nint at, sbyte weight)
    {
        if (tiles.WeightBytes == 1)
            group[at] = weight;
        else
            ((short*)group)[at] = weight;
    }

    /// <summary>Packs a whole dot-product group for as many columns as fill vectors, or for all where rows stay as they are.</summary>
    /// <returns>The number of these columns.</returns>
    private int PackVectors(U8S8GemmKernels tiles, ReadOnlySpan<sbyte> rows, int used, int stride, sbyte* group)
    {
        if (tiles.Contract.Kr == 1)
        {
            for (int input = 0; input < Group; input++)
                rows.Slice(input * Columns, used).CopyTo(new(group + (input * stride), used));
            return used;
        }
        int column = 0;
        fixed (sbyte* first = rows)
        {
            byte* row0 = (byte*)first;
            byte* row1 = row0 + Columns;
            byte* row2 = row1 + Columns;
            byte* row3 = row2 + Columns;
            for (; column + Vector128<byte>.Count <= used; column += Vector128<byte>.Count)
            {
                if (tiles.WeightBytes == sizeof(short))
                {
                    StoreWidenedPairs((uint*)group + column, row0 + column, row1 + column);
                    StoreWidenedPairs((uint*)group + stride + column, row2 + column, row3 + column);
                    continue;
                }
                StoreGroups((uint*)group + column, row0 + column, row1 + column, row2 + column, row3 + column);
            }
        }
        return column;
    }

    /// <summary>The first eight bytes of two rows, alternating.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> LowPairs(byte* even, byte* odd) => Vector128.WidenLower(Vector128.Load(even)) | (Vector128.WidenLower(Vector128.Load(odd)) << 8);

    /// <summary>The next eight bytes of two rows, alternating.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> HighPairs(byte* even, byte* odd) => Vector128.WidenUpper(Vector128.Load(even)) | (Vector128.WidenUpper(Vector128.Load(odd)) << 8);

    /// <summary>The weights of two rows, sign-extended to 16 bits and alternating.</summary>
    private static void StoreWidenedPairs(uint* target, byte* even, byte* odd)
    {
        for (int c = 0; c < Vector128<byte>.Count; c += Vector128<uint>.Count)
        {
            Vector128<uint> low = Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)(even + c)).AsSByte())).AsUInt32();
            Vector128<uint> high = Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)(odd + c)).AsSByte())).AsUInt32();
            ((low & Vector128.Create((uint)ushort.MaxValue)) | (high << 16)).Store(target + c);
        }
    }

    /// <summary>The weights of four rows, column by column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreGroups(uint* target, byte* row0, byte* row1, byte* row2, byte* row3)
    {
        Vector128<ushort> low0 = LowPairs(row0, row1);
        Vector128<ushort> high0 = HighPairs(row0, row1);
        Vector128<ushort> low1 = LowPairs(row2, row3);
        Vector128<ushort> high1 = HighPairs(row2, row3);
        (Vector128.WidenLower(low0) | (Vector128.WidenLower(low1) << 16)).Store(target);
        (Vector128.WidenUpper(low0) | (Vector128.WidenUpper(low1) << 16)).Store(target + 4);
        (Vector128.WidenLower(high0) | (Vector128.WidenLower(high1) << 16)).Store(target + 8);
        (Vector128.WidenUpper(high0) | (Vector128.WidenUpper(high1) << 16)).Store(target + 12);
    }
}
