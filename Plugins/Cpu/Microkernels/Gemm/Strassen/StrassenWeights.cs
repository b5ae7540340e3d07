using System.Numerics;
using TransformFramework.Cpu.Microkernels.Gemm.F32;

namespace TransformFramework.Cpu.Microkernels.Gemm.Strassen;

/// <summary>The weights of Strassen's product in quarters, packed: three of them, and the first sum t₁ = b₁₂ − b₁₁ in place of the fourth. The bias is in b₁₁ and t₁.</summary>
/// <param name="B11">Upper rows, left columns, with their bias.</param>
/// <param name="T1">Upper rows, right columns less left ones, with the difference of their biases.</param>
/// <param name="B21">Lower rows, left columns.</param>
/// <param name="B22">Lower rows, right columns.</param>
/// <param name="AreSuited">False when a weight or a bias is so large, or not a number, or columns that are summed so different in size, that results may not be near those of the direct product.</param>
internal sealed record StrassenWeights(F32Panels B11, F32Panels T1, F32Panels B21, F32Panels B22, bool AreSuited)
{
    /// <summary>The largest weight for which no sum of products is infinite as long as inputs are not much larger.</summary>
    private const float Limit = 1e12f;

    /// <summary>How many times as large as those of its partner in the other half a column's results may be: rounding errors of one reach the other.</summary>
    private const float MostApart = 64;

    /// <summary>Columns this much smaller than the largest one are those that training has switched off.</summary>
    private const float Nothing = 1e-6f;

    /// <summary>Packs weights.</summary>
    /// <param name="tiles">The kernels that will read them.</param>
    /// <param name="weights">Row-major [depth, columns], both even.</param>
    /// <param name="depth">Rows of weights.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="scale">Factor of each column; empty for none.</param>
    /// <param name="bias">Start of each column's sums; empty for zeros.</param>
    public static StrassenWeights Pack(F32GemmKernels tiles, ReadOnlySpan<float> weights, int depth, int columns, ReadOnlySpan<float> scale, ReadOnlySpan<float> bias)
    {
        int half = depth / 2;
        int width = columns / 2;
        var (b11, t1, b21, b22) = (Zeros(), Zeros(), Zeros(), Zeros());
        float[] row = new float[columns];
        Span<float> left = row.AsSpan(0, width);
        Span<float> right = row.AsSpan(width);
        bias.CopyTo(row);
        float[] largest = new float[columns];
        float[] largestBias = [.. row.Select(MathF.Abs)];
        b11.FillBias(left);
        Subtract(right, left);
        t1.FillBias(right);
        for (int k = 0; k < half; k++)
        {
            Read(weights.Slice((half + k) * columns, columns), scale, row);
            b21.Fill(k, left, []);
            b22.Fill(k, right, []);
            Raise(largest, row);
            Read(weights.Slice(k * columns, columns), scale, row);
            b11.Fill(k, left, []);
            Raise(largest, row);
            Subtract(right, left);
            t1.Fill(k, right, []);
        }
        return new(b11, t1, b21, b22, AreSmall(largest) && AreSmall(largestBias) && AreAlike(largest, largestBias, depth));

        F32Panels Zeros() => F32Panels.Zeros(tiles, taps: 1, half, width);
    }

    private static void Read(ReadOnlySpan<float> weights, ReadOnlySpan<float> scale, Span<float> row)
    {
        weights.CopyTo(row);
        if (!scale.IsEmpty)
            F32Panels.Multiply(row, scale);
    }

    /// <summary>Whether all magnitudes are numbers and none is beyond the limit.</summary>
    private static bool AreSmall(float[] magnitudes) => Array.TrueForAll(magnitudes, magnitude => magnitude <= Limit);

    /// <summary>Whether no column's results, for inputs of magnitude 1, are far larger than those of its partner.</summary>
    private static bool AreAlike(float[] largest, float[] largestBias, int depth)
    {
        float[] results = [.. largest.Zip(largestBias, (weight, bias) => MathF.Max(weight * MathF.Sqrt(depth), bias))];
        float none = Nothing * results.Max();
        int width = results.Length / 2;
        for (int i = 0; i < width; i++)
        {
            float smaller = MathF.Min(results[i], results[i + width]);
            if (smaller > none && MathF.Max(results[i], results[i + width]) > MostApart * smaller)
                return false;
        }
        return true;
    }

    /// <summary>Raises magnitudes to those of some values; one that meets a value that is no number is none from then on.</summary>
    private static void Raise(Span<float> magnitudes, ReadOnlySpan<float> values)
    {
        int i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
            Vector.Max(new Vector<float>(magnitudes[i..]), Vector.Abs(new Vector<float>(values[i..]))).CopyTo(magnitudes[i..]);
        for (; i < values.Length; i++)
            magnitudes[i] = MathF.Max(magnitudes[i], MathF.Abs(values[i]));
    }

    private static void Subtract(Span<float> values, ReadOnlySpan<float> subtrahends)
    {
        int i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
            (new Vector<float>(values[i..]) - new Vector<float>(subtrahends[i..])).CopyTo(values[i..]);
        for (; i < values.Length; i++)
            values[i] -= subtrahends[i];
    }
}
