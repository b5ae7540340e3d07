using System.Numerics;

namespace TransformFramework.Toolkit.Calibration;

/// <summary>Counts the numbers of one tensor, given in blocks that fit a cache. Ends with <see cref="Dispose"/>; a thread fills one histogram at a time.</summary>
/// <param name="histogram">What takes the counts.</param>
/// <param name="length">How many numbers the tensor has, at most 2³¹.</param>
internal readonly ref struct HistogramFilling(Histogram histogram, int length)
{
    /// <summary>Numbers below which counting one by one is as fast as filling tables.</summary>
    private const int FewValues = 1 << 13;

    private readonly HistogramTables? tables = length < FewValues ? null : HistogramTables.OfThread;

    /// <summary>Counts magnitudes; NaN and infinite numbers are left out.</summary>
    /// <param name="block">Some of the numbers.</param>
    /// <param name="largest">The largest finite magnitude among them, or more.</param>
    public void Add(ReadOnlySpan<float> block, float largest)
    {
        if (!histogram.Holds(largest))
        {
            Dispose();
            histogram.WidenTo(largest);
        }
        int whole = tables is null ? 0 : block.Length - (block.Length % Vector<float>.Count);
        tables?.Add(block[..whole], histogram.PerWidth);
        histogram.AddEach(block[whole..]);
    }

    /// <summary>Moves what is in tables into the histogram.</summary>
    public void Dispose()
    {
        if (tables is not null)
            histogram.Take(tables);
    }
}
