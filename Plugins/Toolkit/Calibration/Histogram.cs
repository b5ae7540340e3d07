namespace TransformFramework.Toolkit.Calibration;

/// <summary>
/// Counts of magnitudes in bins of one width, a power of two that doubles when a larger number comes. So memory does not depend on what is counted, and histograms
/// of the same numbers are equal however the numbers were split.
/// </summary>
public sealed class Histogram
{
    /// <summary>Number of bins.</summary>
    public const int Bins = 2048;

    /// <summary>Bytes of the largest count in a file.</summary>
    private const int MostCountBytes = 9;

    private const int SmallestExponent = -60;

    /// <summary>With bins of this width the largest finite float has its place.</summary>
    private const int LargestExponent = 117;
    private readonly long[] counts = new long[Bins];

    /// <summary>An empty histogram.</summary>
    public Histogram()
    {
    }

    /// <summary>A histogram with counts of bins from the first on.</summary>
    /// <exception cref="ArgumentException">There are more counts than bins, a negative one, or the width is none of a histogram.</exception>
    public Histogram(int exponent, IReadOnlyList<long> counts)
    {
        if (exponent is < SmallestExponent or > LargestExponent)
            throw new ArgumentException($"the width of a histogram's bins is 2 to the power of {SmallestExponent} to {LargestExponent}", nameof(exponent));
        if (counts.Count > Bins || counts.Any(count => count < 0))
            throw new ArgumentException($"a histogram has up to {Bins} counts, none negative", nameof(counts));
        Exponent = exponent;
        for (int i = 0; i < counts.Count; i++)
            this.counts[i] = counts[i];
    }

    /// <summary>Bin i counts the magnitudes from i·2^Exponent to (i + 1)·2^Exponent.</summary>
    public int Exponent { get; private set; } = SmallestExponent;

    /// <summary>Width of a bin.</summary>
    public double Width => Math.ScaleB(1, Exponent);

    /// <summary>Bins of a unit.</summary>
    internal float PerWidth => (float)(1 / Width);

    /// <summary>The counts, bin by bin.</summary>
    public ReadOnlySpan<long> Counts => counts;

    /// <summary>Counts magnitudes; NaN and infinite numbers are left out.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="largest">The largest finite magnitude among them, or more.</param>
    public void Add(ReadOnlySpan<float> values, float largest)
    {
        using var filling = new HistogramFilling(this, values.Length);
        filling.Add(values, largest);
    }

    /// <summary>Counts magnitudes one by one.</summary>
    internal void AddEach(ReadOnlySpan<float> values)
    {
        float perWidth = PerWidth;
        foreach (float value in values)
        {
            float bin = MathF.Abs(value) * perWidth;
            if (bin < Bins)
                counts[(int)bin]++;
        }
    }

    /// <summary>Takes what tables have counted.</summary>
    internal void Take(HistogramTables tables) => tables.MoveTo(counts);

    /// <summary>Adds the counts of another histogram.</summary>
    public void Merge(Histogram other)
    {
        while (Exponent < other.Exponent)
            Double();
        int shift = Math.Min(31, Exponent - other.Exponent);
        for (int i = 0; i < Bins; i++)
            counts[i >> shift] += other.counts[i];
    }

    /// <summary>Writes the histogram in few bytes.</summary>
    internal void Write(BinaryWriter writer)
    {
        int used = counts.AsSpan().LastIndexOfAnyExcept(0L) + 1;
        Span<byte> bytes = stackalloc byte[Bins * MostCountBytes];
        int length = 0;
        foreach (long count in counts.AsSpan(0, used))
            length += WriteCount(bytes[length..], (ulong)count);
        writer.Write(Exponent);
        writer.Write7BitEncodedInt(used);
        writer.Write7BitEncodedInt(length);
        writer.Write(bytes[..length]);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static Histogram Read(BinaryReader reader)
    {
        int exponent = reader.ReadInt32();
        int used = reader.Read7BitEncodedInt();
        int length = reader.Read7BitEncodedInt();
        if (used is < 0 or > Bins || length < used || length > used * MostCountBytes)
            throw new InvalidDataException($"a histogram of {used} bins in {length} bytes");
        Span<byte> bytes = stackalloc byte[Bins * MostCountBytes];
        reader.BaseStream.ReadExactly(bytes[..length]);
        var histogram = new Histogram(exponent, []);
        ReadCounts(bytes[..length], histogram.counts.AsSpan(0, used));
        return histogram;
    }

    /// <summary>Seven bits a byte, the lowest first; the highest bit says that more follow.</summary>
    private static int WriteCount(Span<byte> bytes, ulong count)
    {
        int length = 0;
        for (; count > 0x7F; count >>= 7)
            bytes[length++] = (byte)(count | 0x80);
        bytes[length++] = (byte)count;
        return length;
    }

    private static void ReadCounts(ReadOnlySpan<byte> bytes, Span<long> counts)
    {
        int at = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            long count = 0;
            int shift = 0;
            byte next;
            do
            {
                if (at == bytes.Length || shift == 7 * MostCountBytes)
                    throw new InvalidDataException("a histogram whose counts are cut short");
                next = bytes[at++];
                count |= (next & 0x7FL) << shift;
                shift += 7;
            }
            while (next > 0x7F);
            counts[i] = count;
        }
        if (at != bytes.Length)
            throw new InvalidDataException("a histogram of more counts than bins");
    }

    /// <summary>Whether a magnitude has a bin; true for one that is no number.</summary>
    internal bool Holds(float largest) => !(largest >= Bins * Width);

    /// <summary>Doubles the width of the bins until a magnitude has one.</summary>
    internal void WidenTo(float largest)
    {
        while (!Holds(largest))
            Double();
    }

    private void Double()
    {
        for (int i = 0; i < Bins / 2; i++)
            counts[i] = counts[2 * i] + counts[(2 * i) + 1];
        Array.Clear(counts, Bins / 2, Bins / 2);
        Exponent++;
    }
}
