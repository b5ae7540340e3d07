using System.Runtime.Intrinsics;

namespace TransformFramework.Quantization.Classic;

/// <summary>The smallest and the largest of some floats, found in one pass by vectors; compiled ahead of time, where generic code for any numbers is compiled at each start.</summary>
/// <param name="Min">The smallest; infinity for none.</param>
/// <param name="Max">The largest; minus infinity for none.</param>
/// <param name="AreFinite">True when there is neither NaN nor infinity among them; only then the others count.</param>
internal readonly record struct FloatExtremes(float Min, float Max, bool AreFinite)
{
    public static FloatExtremes Of(ReadOnlySpan<float> values)
    {
        Vector256<float> minima = Vector256.Create(float.PositiveInfinity);
        Vector256<float> maxima = Vector256.Create(float.NegativeInfinity);
        Vector256<float> flaws = Vector256<float>.Zero;
        int wide = values.Length - (values.Length % Vector256<float>.Count);
        for (int i = 0; i < wide; i += Vector256<float>.Count)
        {
            Vector256<float> value = Vector256.Create(values.Slice(i, Vector256<float>.Count));
            minima = Vector256.MinNative(minima, value);
            maxima = Vector256.MaxNative(maxima, value);
            flaws += value - value;
        }
        float min = float.PositiveInfinity;
        float max = float.NegativeInfinity;
        for (int i = 0; i < Vector256<float>.Count; i++)
        {
            min = Math.Min(min, minima[i]);
            max = Math.Max(max, maxima[i]);
        }
        bool areFinite = flaws == Vector256<float>.Zero;
        foreach (float value in values[wide..])
        {
            min = Math.Min(min, value);
            max = Math.Max(max, value);
            areFinite &= float.IsFinite(value);
        }
        return new(min, max, areFinite);
    }

    /// <summary>Raises magnitudes to those of some finite values, one by one; the largest of the values' magnitudes.</summary>
    public static float RaiseMagnitudes(Span<float> magnitudes, ReadOnlySpan<float> values)
    {
        Vector256<float> maxima = Vector256<float>.Zero;
        int wide = values.Length - (values.Length % Vector256<float>.Count);
        for (int i = 0; i < wide; i += Vector256<float>.Count)
        {
            Vector256<float> value = Vector256.Abs(Vector256.Create(values.Slice(i, Vector256<float>.Count)));
            maxima = Vector256.MaxNative(maxima, value);
            Vector256.MaxNative(Vector256.Create<float>(magnitudes.Slice(i, Vector256<float>.Count)), value).CopyTo(magnitudes[i..]);
        }
        float largest = 0;
        for (int i = 0; i < Vector256<float>.Count; i++)
            largest = Math.Max(largest, maxima[i]);
        for (int i = wide; i < values.Length; i++)
        {
            float value = Math.Abs(values[i]);
            largest = Math.Max(largest, value);
            magnitudes[i] = Math.Max(magnitudes[i], value);
        }
        return largest;
    }
}
