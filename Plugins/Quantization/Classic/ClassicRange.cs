using System.Numerics;
using System.Runtime.InteropServices;

namespace TransformFramework.Quantization.Classic;

/// <summary>The range of a constant as the original finds it: NaN is skipped; the search for the maximum starts at the smallest positive normal float.</summary>
internal readonly record struct ClassicRange(float Min, float Max)
{
    private const float SmallestNormal = 1.17549435e-38f;

    public static ClassicRange Of(ReadOnlySpan<float> values)
    {
        var minima = new Vector<float>(float.MaxValue);
        var maxima = new Vector<float>(SmallestNormal);
        var wide = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (Vector<float> value in wide)
        {
            minima = Vector.ConditionalSelect(Vector.LessThan(value, minima), value, minima);
            maxima = Vector.ConditionalSelect(Vector.GreaterThan(value, maxima), value, maxima);
        }
        float min = float.MaxValue;
        float max = SmallestNormal;
        for (int i = 0; i < Vector<float>.Count; i++)
        {
            min = Math.Min(min, minima[i]);
            max = Math.Max(max, maxima[i]);
        }
        foreach (float value in values[(wide.Length * Vector<float>.Count)..])
        {
            min = value < min ? value : min;
            max = value > max ? value : max;
        }
        return new(min, max);
    }
}
