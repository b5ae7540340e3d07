using System.Runtime.Intrinsics;

namespace TransformFramework.Cpu.Microkernels.Gemm.U8S8;

/// <summary>
/// Which columns of qint8 weights hold a pair of neighbours whose products with quint8 inputs may leave 16 bits: two weights of one sign, more than 128 in sum. 255 · 128 is within 16 bits, 255 · 129 is not.
/// </summary>
internal static unsafe class PairSaturation
{
    private const int MostOfPair = 128;

    /// <summary>A flag for each column, not 0 where a pair may saturate.</summary>
    /// <param name="weights">Row-major [taps · depth, columns]; the first two rows of a tap are a pair, then the next two.</param>
    /// <param name="depth">Rows of a tap; the last of an odd number has no neighbour.</param>
    /// <param name="columns">Number of columns.</param>
    public static byte[] Find(ReadOnlySpan<sbyte> weights, int depth, int columns)
    {
        byte[] flags = new byte[columns];
        for (int tap = 0; tap < weights.Length; tap += depth * columns)
        {
            for (int k = 0; k + 1 < depth; k += 2)
                FindIn(weights.Slice(tap + (k * columns), 2 * columns), flags);
        }
        return flags;
    }

    private static void FindIn(ReadOnlySpan<sbyte> rows, Span<byte> flags)
    {
        int columns = flags.Length;
        int c = 0;
        fixed (sbyte* first = rows)
        fixed (byte* found = flags)
        {
            for (; c + Vector128<sbyte>.Count <= columns; c += Vector128<sbyte>.Count)
            {
                Vector128<sbyte> even = Vector128.Load(first + c);
                Vector128<sbyte> odd = Vector128.Load(first + columns + c);
                Vector128<byte> positive = Positive(even) + Positive(odd);
                Vector128<byte> negative = Vector128.AddSaturate(Negative(even), Negative(odd));
                Vector128<byte> most = Vector128.Create((byte)MostOfPair);
                (Vector128.Load(found + c) | Vector128.GreaterThan(positive, most) | Vector128.GreaterThan(negative, most)).Store(found + c);
            }
        }
        for (; c < columns; c++)
            flags[c] |= Saturates(rows[c], rows[columns + c]) ? byte.MaxValue : byte.MinValue;
    }

    /// <summary>True when the products of a pair may leave 16 bits.</summary>
    public static bool Saturates(sbyte even, sbyte odd) => Math.Max((int)even, 0) + Math.Max((int)odd, 0) > MostOfPair || Math.Min((int)even, 0) + Math.Min((int)odd, 0) < -MostOfPair;

    private static Vector128<byte> Positive(Vector128<sbyte> values) => Vector128.Max(values, Vector128<sbyte>.Zero).AsByte();

    /// <summary>Magnitudes of negative values, 128 among them; 0 for others.</summary>
    private static Vector128<byte> Negative(Vector128<sbyte> values) => (-values & Vector128.LessThan(values, Vector128<sbyte>.Zero)).AsByte();
}
