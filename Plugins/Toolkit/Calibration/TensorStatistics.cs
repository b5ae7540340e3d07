using System.Numerics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Sampling;

namespace TransformFramework.Toolkit.Calibration;

/// <summary>What calibration keeps of a tensor over all samples: extremes, a histogram of magnitudes, and the sum of each channel. Its size does not depend on the number of samples, and its content not on their order.</summary>
public sealed class TensorStatistics
{
    private const int MostChannels = 8192;
    private const int MostOnStack = 512;

    /// <summary>So many numbers fit the first cache with the tables of a histogram in the second.</summary>
    private const int BlockLength = 1 << 12;

    private ExactSums sums = new(0);

    /// <summary>The smallest number; infinity before the first.</summary>
    public float Min { get; private set; } = float.PositiveInfinity;

    /// <summary>The largest number; minus infinity before the first.</summary>
    public float Max { get; private set; } = float.NegativeInfinity;

    /// <summary>How many NaN and infinite numbers were left out.</summary>
    public long NotFinite { get; private set; }

    /// <summary>Magnitudes of the finite numbers.</summary>
    public Histogram Magnitudes { get; private init; } = new();

    /// <summary>Sum over all positions, a channel (the last dimension); empty when the tensor has no fixed channels.</summary>
    public double[] ChannelSums => [.. Enumerable.Range(0, sums.Count).Select(channel => sums[channel])];

    /// <summary>Number of positions that were summed up.</summary>
    public long Positions { get; private set; }

    /// <summary>The sums without rounding, see <see cref="ExactSums.Parts"/>.</summary>
    public double[][] ChannelSumParts() => sums.Parts();

    /// <summary>Mean of each channel; empty when unknown.</summary>
    public float[] ChannelMeans => Positions == 0 ? [] : [.. ChannelSums.Select(sum => (float)(sum / Positions))];

    /// <summary>Statistics as stored in a file.</summary>
    public static TensorStatistics Of(float min, float max, long notFinite, Histogram magnitudes, ExactSums channelSums, long positions) =>
        new() { Min = min, Max = max, NotFinite = notFinite, Magnitudes = magnitudes, sums = channelSums, Positions = positions };

    /// <summary>Whether no number was seen.</summary>
    private bool IsEmpty => float.IsPositiveInfinity(Min) && NotFinite == 0;

    /// <summary>Takes in the numbers of one sample.</summary>
    /// <param name="tensor">A float tensor of any shape.</param>
    public void Add(Tensor tensor)
    {
        ReadOnlySpan<float> values = tensor.AsSpan<float>();
        if (values.IsEmpty)
            return;
        int channels = ChannelsOf(tensor.Shape);
        if (IsEmpty)
            sums = new(channels);
        int summed = channels == sums.Count ? channels : 0;
        Span<double> ofSample = summed <= MostOnStack ? stackalloc double[summed] : new double[summed];
        ofSample.Clear();
        long finite = AddBlocks(values, ofSample);
        NotFinite += values.Length - finite;
        if (summed == 0 || finite < values.Length)
        {
            DropChannels();
            return;
        }
        sums.Add(ofSample);
        Positions += values.Length / summed;
    }

    /// <summary>Takes in numbers in blocks that stay in the cache while they are looked at three times, and adds whole rows to the sums of channels, if there are any.</summary>
    /// <returns>How many of the numbers are finite.</returns>
    private long AddBlocks(ReadOnlySpan<float> values, Span<double> ofChannels)
    {
        using var filling = new HistogramFilling(Magnitudes, values.Length);
        int step = ofChannels.IsEmpty ? BlockLength : Math.Max(1, BlockLength / ofChannels.Length) * ofChannels.Length;
        long finite = 0;
        for (int start = 0; start < values.Length; start += step)
        {
            ReadOnlySpan<float> block = values.Slice(start, Math.Min(step, values.Length - start));
            finite += AddExtremes(block);
            filling.Add(block, MathF.Max(-Min, Max));
            if (!ofChannels.IsEmpty)
                AddRows(block, ofChannels.Length, ofChannels);
        }
        return finite;
    }

    /// <summary>Takes in what another run saw of the same tensor.</summary>
    public void Merge(TensorStatistics other)
    {
        if (other.IsEmpty)
            return;
        if (IsEmpty)
            sums = new(other.sums.Count);
        Min = MathF.Min(Min, other.Min);
        Max = MathF.Max(Max, other.Max);
        NotFinite += other.NotFinite;
        Magnitudes.Merge(other.Magnitudes);
        if (sums.Count != other.sums.Count)
        {
            DropChannels();
            return;
        }
        sums.Merge(other.sums);
        Positions += other.Positions;
    }

    /// <summary>Writes the statistics in few bytes.</summary>
    internal void Write(BinaryWriter writer)
    {
        writer.Write(Min);
        writer.Write(Max);
        writer.Write(NotFinite);
        Magnitudes.Write(writer);
        writer.Write(Positions);
        writer.Write7BitEncodedInt(sums.Count);
        sums.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static TensorStatistics Read(BinaryReader reader)
    {
        var (min, max, notFinite, magnitudes, positions) = (reader.ReadSingle(), reader.ReadSingle(), reader.ReadInt64(), Histogram.Read(reader), reader.ReadInt64());
        int channels = reader.Read7BitEncodedInt();
        return channels is >= 0 and <= MostChannels ? Of(min, max, notFinite, magnitudes, ExactSums.Read(reader, channels), positions) : throw new InvalidDataException($"a tensor of {channels} channels");
    }

    /// <summary>Counts the finite numbers.</summary>
    private int AddExtremes(ReadOnlySpan<float> values)
    {
        var mins = new Vector<float>(Min);
        var maxes = new Vector<float>(Max);
        Vector<int> notFinite = Vector<int>.Zero;
        int i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
        {
            var next = new Vector<float>(values[i..]);
            Vector<int> isFinite = Vector.LessThan(Vector.Abs(next), new Vector<float>(float.PositiveInfinity));
            notFinite -= ~isFinite;
            mins = Vector.Min(mins, Vector.ConditionalSelect(isFinite, next, mins));
            maxes = Vector.Max(maxes, Vector.ConditionalSelect(isFinite, next, maxes));
        }
        int finite = i - Vector.Sum(notFinite);
        for (int lane = 0; lane < Vector<float>.Count; lane++)
            (Min, Max) = (MathF.Min(Min, mins[lane]), MathF.Max(Max, maxes[lane]));
        foreach (float value in values[i..])
        {
            if (!float.IsFinite(value))
                continue;
            finite++;
            (Min, Max) = (MathF.Min(Min, value), MathF.Max(Max, value));
        }
        return finite;
    }

    private static int ChannelsOf(TensorShape shape) => shape.Rank >= 2 && shape[shape.Rank - 1] <= MostChannels ? (int)shape[shape.Rank - 1] : 0;

    /// <summary>Adds rows of channels, one after the other.</summary>
    private static unsafe void AddRows(ReadOnlySpan<float> values, int channels, Span<double> ofChannels)
    {
        int whole = channels - (channels % Vector<float>.Count);
        fixed (float* start = values)
        fixed (double* sum = ofChannels)
        {
            for (float* row = start, end = start + values.Length; row < end; row += channels)
            {
                for (int c = 0; c < whole; c += Vector<float>.Count)
                {
                    Vector.Widen(Vector.Load(row + c), out Vector<double> low, out Vector<double> high);
                    Vector.Store(Vector.Load(sum + c) + low, sum + c);
                    Vector.Store(Vector.Load(sum + c + Vector<double>.Count) + high, sum + c + Vector<double>.Count);
                }
                for (int c = whole; c < channels; c++)
                    sum[c] += row[c];
            }
        }
    }

    private void DropChannels()
    {
        sums = new(0);
        Positions = 0;
    }
}
