using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Classic;

/// <summary>Floats as quantized values of 8 bits, the scalar family of the original: round(x·scale) - round(min·scale) with scale = 256 / ((max - min)·256/255), in double.</summary>
internal static class MinFirstQuantizer
{
    private const double Steps = 256;

    /// <summary>The largest double below one half; adding it rounds half away from zero when truncated.</summary>
    private const double AlmostHalf = 0.49999999999999994;

    /// <summary>A quint8 tensor of the same shape; NaN becomes 0.</summary>
    public static Tensor Quantize(Tensor values, float min, float max)
    {
        Tensor quantized = Tensor.Allocate<byte>(DataType.QUInt8, values.Shape, out var elements);
        if (min == max)
            return quantized;
        ReadOnlySpan<float> source = values.AsSpan<float>();
        double range = (double)(max - min) * (Steps / (Steps - 1));
        double scale = Steps / range;
        double lowest = Round(min * scale);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = (byte)Math.Clamp((long)(Round(source[i] * scale) - lowest), 0, 255);
        return quantized;
    }

    private static double Round(double value) => Math.Truncate(value + Math.CopySign(AlmostHalf, value));
}
