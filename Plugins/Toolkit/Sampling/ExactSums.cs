using System.Runtime.InteropServices;

namespace TransformFramework.Toolkit.Sampling;

/// <summary>
/// Sums of numbers without rounding, so that they do not depend on the order in which samples come or on how samples are split. Each sum is kept as numbers that add up to it
/// (J. R. Shewchuk, Adaptive Precision Floating-Point Arithmetic, 1997). What is not finite, or too large, makes a sum infinite or NaN.
/// </summary>
public sealed class ExactSums
{
    /// <summary>As many numbers hold every bit between the largest and the smallest one.</summary>
    private const int MostParts = 40;

    private readonly List<double[]> levels;
    private readonly double[] notFinite;

    /// <summary>Sums that are all 0.</summary>
    /// <param name="count">Number of sums.</param>
    public ExactSums(int count)
    {
        levels = [new double[count]];
        notFinite = new double[count];
    }

    /// <summary>Sums as <see cref="Parts"/> gives them.</summary>
    /// <param name="parts">At least one array; all of one length.</param>
    /// <exception cref="ArgumentException">There is no array, or they differ in length.</exception>
    public ExactSums(IReadOnlyList<double[]> parts) : this(parts.Count == 0 ? 0 : parts[0]?.Length ?? 0)
    {
        if (parts.Count == 0 || parts.Any(part => part?.Length != Count))
            throw new ArgumentException("the parts of sums are arrays of one length", nameof(parts));
        foreach (double[] part in parts)
            Add(part);
    }

    /// <summary>Number of sums.</summary>
    public int Count => notFinite.Length;

    /// <summary>A sum, rounded to the nearest number.</summary>
    public double this[int index] => notFinite[index] is not 0 and var odd ? odd : Rounded(Expansion(index));

    /// <summary>
    /// The sums as arrays that add up to them: first the rounded sums, then what rounding left out, and so on. The arrays are the same for the same sums, whatever they were added up from; arrays of zeros at the end
    /// are left out.
    /// </summary>
    public double[][] Parts()
    {
        List<double[]> parts = [new double[Count]];
        for (int i = 0; i < Count; i++)
        {
            if (notFinite[i] != 0)
            {
                parts[0][i] = notFinite[i];
                continue;
            }
            List<double> expansion = Expansion(i);
            for (int level = 0; Rounded(expansion) is not 0 and var part; level++)
            {
                if (level == parts.Count)
                    parts.Add(new double[Count]);
                parts[level][i] = part;
                Grow(expansion, -part);
            }
        }
        return [.. parts];
    }

    /// <summary>Adds a number to a sum.</summary>
    public void Add(int index, double value)
    {
        if (!double.IsFinite(value))
        {
            notFinite[index] += value;
            return;
        }
        for (int level = 0; value != 0; level++)
        {
            if (level == levels.Count)
                levels.Add(new double[Count]);
            ref double sum = ref levels[level][index];
            var (next, rest) = TwoSum(sum, value);
            if (!double.IsFinite(next))
            {
                notFinite[index] += next;
                return;
            }
            (sum, value) = (next, rest);
        }
    }

    /// <summary>Adds a number to each sum.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, Count);
        for (int i = 0; i < values.Length; i++)
            Add(i, values[i]);
    }

    /// <summary>Adds other sums, one by one.</summary>
    public void Merge(ExactSums other)
    {
        foreach (double[] level in other.levels)
            Add(level);
        for (int i = 0; i < Count; i++)
            notFinite[i] += other.notFinite[i];
    }

    /// <summary>Writes the sums in few bytes.</summary>
    public void Write(BinaryWriter writer)
    {
        double[][] parts = Parts();
        writer.Write7BitEncodedInt(parts.Length);
        foreach (double[] part in parts)
            writer.Write(MemoryMarshal.AsBytes(part.AsSpan()));
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">The bytes, little-endian.</param>
    /// <param name="count">Number of sums.</param>
    /// <exception cref="EndOfStreamException">There are fewer bytes.</exception>
    /// <exception cref="InvalidDataException">The number of parts is none of sums.</exception>
    public static ExactSums Read(BinaryReader reader, int count)
    {
        int parts = reader.Read7BitEncodedInt();
        if (parts is < 1 or > MostParts)
            throw new InvalidDataException($"sums have up to {MostParts} parts, not {parts}");
        var sums = new ExactSums(count);
        double[] part = new double[count];
        for (int i = 0; i < parts; i++)
        {
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(part.AsSpan()));
            sums.Add(part);
        }
        return sums;
    }

    /// <summary>The rounded sum of two numbers, and what rounding left out (D. E. Knuth, The Art of Computer Programming, volume 2).</summary>
    private static (double Sum, double Error) TwoSum(double a, double b)
    {
        double sum = a + b;
        double second = sum - a;
        return (sum, a - (sum - second) + (b - second));
    }

    /// <summary>Numbers that add up to a sum and have no bits of the same place, the smallest first.</summary>
    private List<double> Expansion(int index)
    {
        var expansion = new List<double>();
        foreach (double[] level in levels)
            Grow(expansion, level[index]);
        return expansion;
    }

    private static void Grow(List<double> expansion, double value)
    {
        int kept = 0;
        for (int i = 0; i < expansion.Count; i++)
        {
            (value, double error) = TwoSum(expansion[i], value);
            if (error != 0)
                expansion[kept++] = error;
        }
        expansion.RemoveRange(kept, expansion.Count - kept);
        if (value != 0)
            expansion.Add(value);
    }

    /// <summary>The nearest number to an expansion's sum, of two the even one.</summary>
    private static double Rounded(List<double> expansion)
    {
        double sum = 0;
        for (int i = expansion.Count - 1; i >= 0; i--)
        {
            (sum, double error) = TwoSum(sum, expansion[i]);
            if (error != 0)
                return i == 0 || Math.Sign(error) != Math.Sign(expansion[i - 1]) ? sum : PastHalf(sum, error);
        }
        return sum;
    }

    /// <summary>A sum that is half way to its neighbour, or not: what is smaller decides where it is.</summary>
    private static double PastHalf(double sum, double error)
    {
        double twice = error * 2;
        double next = sum + twice;
        return next - sum == twice ? next : sum;
    }
}
