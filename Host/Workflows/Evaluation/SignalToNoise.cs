using TransformFramework.Graphs;
using TransformFramework.Toolkit.Sampling;

namespace TransformFramework.Workflows.Evaluation;

/// <summary>
/// Signal to noise of results against a reference, over samples. Of scores (rows of a vector or matrix) the mean over the classes is left out on both sides, since it changes no answer. Intervals are those of a
/// ratio of sums by the delta method, samples being independent.
/// </summary>
public sealed class SignalToNoise
{
    /// <summary>Of a normal distribution 95 % are within so many deviations.</summary>
    private const double Deviations = 1.96;
    private const double DecibelsPerNeper = 4.342944819032518;

    /// <summary>So many samples are kept to be paired with another's; beyond, only sums are.</summary>
    private const int MostPaired = 1 << 16;

    private readonly List<(double Signal, double Noise)> samples = [];
    private ExactSums moments = new(Enum.GetValues<Moment>().Length);

    /// <summary>What is summed up over samples.</summary>
    private enum Moment
    {
        Signal,
        Noise,
        SquaredSignal,
        SignalTimesNoise,
        SquaredNoise,
    }

    /// <summary>Number of samples.</summary>
    public long Count { get; private set; }

    /// <summary>The ratio in dB; infinite when all are equal, negatively so when an element is NaN or infinite on one side and something else on the other.</summary>
    public double Decibels
    {
        get
        {
            double noise = Sum(Moment.Noise);
            return noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(Sum(Moment.Signal) / noise);
        }
    }

    /// <summary>The ends within which the ratio is with 95 % confidence, in dB; null for fewer than two samples, or when all are equal.</summary>
    public (double Low, double High)? Interval
    {
        get
        {
            if (Count < 2 || !double.IsFinite(Decibels))
                return null;
            double half = HalfWidth(Count, (Sum(Moment.Signal), Sum(Moment.Noise)), (Sum(Moment.SquaredSignal), Sum(Moment.SignalTimesNoise), Sum(Moment.SquaredNoise)));
            return (Decibels - half, Decibels + half);
        }
    }

    /// <summary>True when another's noise on the same samples is larger, with 95 % confidence; of many samples or merged sums, when it is larger.</summary>
    public bool IsClearlyBetterThan(SignalToNoise other)
    {
        double difference = Decibels - other.Decibels;
        if (!double.IsFinite(Decibels) || !double.IsFinite(other.Decibels) || samples.Count != Count || samples.Count != other.samples.Count)
            return Decibels > other.Decibels;
        double product = samples.Zip(other.samples, (mine, others) => mine.Noise * others.Noise).Sum();
        return difference > HalfWidth(Count, (Sum(Moment.Noise), other.Sum(Moment.Noise)), (Sum(Moment.SquaredNoise), product, other.Sum(Moment.SquaredNoise)));
    }

    /// <summary>Takes in one sample.</summary>
    public void Add(Tensor reference, Tensor actual) => Add(reference.ToSingles(), actual.ToSingles(), reference.Shape is { Rank: 1 or 2 } shape && shape[shape.Rank - 1] > 1 ? (int)shape[shape.Rank - 1] : 0);

    /// <summary>Takes in one sample.</summary>
    /// <param name="reference">What is right; an element that is not finite on both sides does not count.</param>
    /// <param name="actual">What is judged.</param>
    /// <param name="classes">Length of a row of scores; 0 when these are no scores.</param>
    public void Add(ReadOnlySpan<float> reference, ReadOnlySpan<float> actual, int classes)
    {
        double signal = 0, noise = 0;
        int row = classes > 0 ? classes : Math.Max(1, reference.Length);
        for (int start = 0; start + row <= reference.Length; start += row)
        {
            var (power, error) = Powers(reference.Slice(start, row), actual.Slice(start, row), isCentred: classes > 0);
            signal += power;
            noise += error;
        }
        if (samples.Count < MostPaired)
            samples.Add((signal, noise));
        moments.Add([signal, noise, signal * signal, signal * noise, noise * noise]);
        Count++;
    }

    private static (double Signal, double Noise) Powers(ReadOnlySpan<float> reference, ReadOnlySpan<float> actual, bool isCentred)
    {
        double sum = 0, difference = 0, signal = 0, noise = 0;
        int count = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            if (!float.IsFinite(reference[i]) && reference[i].Equals(actual[i]))
                continue;
            if (!float.IsFinite(reference[i]) || !float.IsFinite(actual[i]))
                return (signal, double.PositiveInfinity);
            double error = (double)reference[i] - actual[i];
            sum += reference[i];
            difference += error;
            signal += (double)reference[i] * reference[i];
            noise += error * error;
            count++;
        }
        return isCentred && count > 0 ? (Math.Max(0, signal - (sum * sum / count)), Math.Max(0, noise - (difference * difference / count))) : (signal, noise);
    }

    /// <summary>Takes in what another run saw on other samples; the samples themselves are not known of it.</summary>
    public void Merge(SignalToNoise other)
    {
        moments.Merge(other.moments);
        Count += other.Count;
        samples.Clear();
    }

    /// <summary>Writes the sums, from which <see cref="Read"/> makes the same ratio and interval.</summary>
    internal void Write(BinaryWriter writer)
    {
        writer.Write(Count);
        moments.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static SignalToNoise Read(BinaryReader reader) => new() { Count = reader.ReadInt64(), moments = ExactSums.Read(reader, Enum.GetValues<Moment>().Length) };

    private double Sum(Moment moment) => moments[(int)moment];

    /// <summary>Half the width of the interval of a ratio of sums, in dB, from the sums of both sides, of their squares and of their product.</summary>
    private static double HalfWidth(long count, (double Upper, double Lower) sums, (double Upper, double Product, double Lower) squares)
    {
        double upper = sums.Upper / count;
        double lower = sums.Lower / count;
        if (!(upper > 0 && lower > 0) || count < 2)
            return 0;
        double squared = (squares.Upper / upper / upper) - (2 * squares.Product / upper / lower) + (squares.Lower / lower / lower);
        return Deviations * DecibelsPerNeper * Math.Sqrt(Math.Max(0, squared) / ((double)count * (count - 1)));
    }
}
