using System.Runtime.Intrinsics;
using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Classic;

/// <summary>Floats as quantized values of 8 bits, the scalar family of the original: round(x·scale) - round(min·scale) with scale = 256 / ((max - min)·256/255), in double.</summary>
internal static class MinFirstQuantizer
{
    private const double Steps = 256;

    /// <summary>The largest double below one half; adding it rounds half away from zero when truncated.</summary>
    private const double AlmostHalf = 0.49999999999999994;

    /// <summary>2⁵²: a whole number added to it is in the lowest bits of the sum.</summary>
    private const double Whole = 4503599627370496;

    /// <summary>A quint8 tensor of the same shape; NaN becomes 0.</summary>
    public static Tensor Quantize(Tensor values, float min, float max)
    {
        Tensor quantized = Tensor.Allocate<byte>(DataType.QUInt8, values.Shape, out var elements);
        if (min == max)
            return quantized;
        double range = (double)(max - min) * (Steps / (Steps - 1));
        double scale = Steps / range;
        Quantize(values.AsSpan<float>(), elements, scale, Round(min * scale));
        return quantized;
    }

    private static void Quantize(ReadOnlySpan<float> source, Span<byte> elements, double scale, double lowest)
    {
        int wide = source.Length - (source.Length % Vector256<byte>.Count);
        for (int i = 0; i < wide; i += Vector256<byte>.Count)
        {
            ReadOnlySpan<float> values = source.Slice(i, Vector256<byte>.Count);
            Vector256<short> lower = Vector256.Narrow(Quantized(values, scale, lowest), Quantized(values[8..], scale, lowest));
            Vector256<short> upper = Vector256.Narrow(Quantized(values[16..], scale, lowest), Quantized(values[24..], scale, lowest));
            Vector256.Narrow(lower.AsUInt16(), upper.AsUInt16()).CopyTo(elements[i..]);
        }
        for (int i = wide; i < source.Length; i++)
            elements[i] = (byte)Math.Clamp((long)(Round(source[i] * scale) - lowest), 0, 255);
    }

    /// <summary>Eight quantized values.</summary>
    private static Vector256<int> Quantized(ReadOnlySpan<float> values, double scale, double lowest)
    {
        var (lower, upper) = Vector256.Widen(Vector256.Create(values));
        return Vector256.Narrow(Quantized(lower, scale, lowest), Quantized(upper, scale, lowest));
    }

    private static Vector256<long> Quantized(Vector256<double> values, double scale, double lowest)
    {
        Vector256<double> scaled = values * scale;
        Vector256<double> rounded = Vector256.Truncate(scaled + (Vector256.Create(AlmostHalf) | (scaled & Vector256.Create(-0.0)))) - Vector256.Create(lowest);
        Vector256<double> known = Vector256.ConditionalSelect(Vector256.Equals(rounded, rounded), rounded, Vector256<double>.Zero);
        return (Vector256.Min(Vector256.Max(known, Vector256<double>.Zero), Vector256.Create((double)byte.MaxValue)) + Vector256.Create(Whole)).AsInt64() & Vector256.Create((long)byte.MaxValue);
    }

    private static double Round(double value) => Math.Truncate(value + Math.CopySign(AlmostHalf, value));
}
