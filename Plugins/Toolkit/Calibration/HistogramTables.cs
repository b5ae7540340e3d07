using System.Numerics;
using System.Runtime.InteropServices;

namespace TransformFramework.Toolkit.Calibration;

/// <summary>
/// Counts of bins before they go into a histogram. Neighbours, which are often equal, are counted in tables of their own, since a count that has just been stored is slow to load. Bin 0, which holds every number
/// that an activation has cut off, has a place for each lane of a vector.
/// </summary>
internal sealed unsafe class HistogramTables
{
    private const int Tables = 4;

    /// <summary>A vector has up to 16 lanes.</summary>
    private const int MostVectors = 4;

    /// <summary>Where numbers are counted that are in no bin.</summary>
    private const int None = Histogram.Bins;

    /// <summary>Where the first lanes count bin 0; the next place is that of the lanes after them.</summary>
    private const int Zeros = None + 1;
    private const int TableLength = Zeros + MostVectors;

    [ThreadStatic]
    private static HistogramTables? ofThread;

    private readonly int[] counts = new int[Tables * TableLength];

    /// <summary>The tables of this thread, which are empty.</summary>
    public static HistogramTables OfThread => ofThread ??= new();

    /// <summary>Counts whole vectors of numbers.</summary>
    /// <param name="values">At most 2³¹ numbers between two calls of <see cref="MoveTo"/>.</param>
    /// <param name="perWidth">Bins of a unit.</param>
    public void Add(ReadOnlySpan<float> values, float perWidth)
    {
        ulong* bins = stackalloc ulong[Vector<ulong>.Count];
        var scale = new Vector<float>(perWidth);
        var none = new Vector<float>(None);
        Vector<int> zeros = Vector.Create(Zeros) + Vector.ShiftRightLogical(Vector<int>.Indices, 2);
        fixed (int* first = counts)
        fixed (float* start = values)
        {
            int* second = first + TableLength;
            int* third = second + TableLength;
            int* fourth = third + TableLength;
            for (float* next = start, end = start + values.Length; next < end; next += Vector<float>.Count)
            {
                Vector<float> scaled = Vector.Abs(Vector.Load(next)) * scale;
                Vector<int> bin = Vector.ConvertToInt32Native(Vector.ConditionalSelect(Vector.LessThan(scaled, none), scaled, none));
                Vector.Store(Vector.ConditionalSelect(Vector.Equals(bin, Vector<int>.Zero), zeros, bin), (int*)bins);
                for (int pair = 0; pair < Vector<ulong>.Count; pair += 2)
                {
                    ulong low = bins[pair];
                    ulong high = bins[pair + 1];
                    first[(uint)low]++;
                    second[low >> 32]++;
                    third[(uint)high]++;
                    fourth[high >> 32]++;
                }
            }
        }
    }

    /// <summary>Adds the counts to those of a histogram and empties the tables.</summary>
    public void MoveTo(Span<long> histogram)
    {
        for (int table = 0; table < Tables; table++)
        {
            ReadOnlySpan<int> from = counts.AsSpan(table * TableLength, TableLength);
            AddTo(histogram, from);
            foreach (int count in from[Zeros..])
                histogram[0] += count;
        }
        Array.Clear(counts);
    }

    private static void AddTo(Span<long> histogram, ReadOnlySpan<int> counts)
    {
        ref int from = ref MemoryMarshal.GetReference(counts);
        ref long to = ref MemoryMarshal.GetReference(histogram);
        for (nuint bin = 0; bin < Histogram.Bins; bin += (nuint)Vector<int>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref from, bin), out Vector<long> low, out Vector<long> high);
            Vector.StoreUnsafe(Vector.LoadUnsafe(ref to, bin) + low, ref to, bin);
            Vector.StoreUnsafe(Vector.LoadUnsafe(ref to, bin + (nuint)Vector<long>.Count) + high, ref to, bin + (nuint)Vector<long>.Count);
        }
    }
}
