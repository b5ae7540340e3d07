using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Classic;

/// <summary>A float constant in 8 bits, and what was found on the way.</summary>
/// <param name="Ends">The smallest and the largest element.</param>
/// <param name="Min">The smallest value of the 8-bit range, which contains zero.</param>
/// <param name="Max">The largest one.</param>
/// <param name="Values">The quint8 elements; null for elements that no range fits.</param>
internal sealed record WeightQuantization(FloatExtremes Ends, float Min, float Max, Tensor? Values)
{
    /// <summary>Kernels divide by the width of a level, which is no normal float in smaller ranges.</summary>
    private const float SmallestRange = 255 * 1.17549435e-38f;

    /// <summary>Fewer elements are quantized at once, more of them on another processor.</summary>
    private const int FewestOfJob = 1 << 14;

    /// <summary>Why the elements have no 8-bit range, or null.</summary>
    public string? Flaw { get; private init; }

    /// <summary>Quantizes a constant, as the original does in verbatim mode.</summary>
    public static Task<WeightQuantization> Start(Tensor value, bool isVerbatim, CancellationToken cancellation) =>
        value.ElementCount < FewestOfJob ? Task.FromResult(Of(value, isVerbatim)) : Task.Run(() => Of(value, isVerbatim), cancellation);

    private static WeightQuantization Of(Tensor value, bool isVerbatim)
    {
        ReadOnlySpan<float> elements = value.AsSpan<float>();
        FloatExtremes ends = FloatExtremes.Of(elements);
        string? flaw = isVerbatim ? null
            : elements.IsEmpty ? "it is empty"
            : !ends.AreFinite ? "it holds NaN or infinite elements"
            : !float.IsFinite(ends.Max - ends.Min) ? "its range is wider than the largest float"
            : null;
        if (flaw is not null)
            return new(ends, 0, 0, null) { Flaw = flaw };
        var (min, max) = RangeOf(elements, isVerbatim);
        return new(ends, min, max, MinFirstQuantizer.Quantize(value, min, max));
    }

    private static (float Min, float Max) RangeOf(ReadOnlySpan<float> values, bool isVerbatim)
    {
        var (min, max) = ClassicRange.Of(values);
        min = Math.Min(min, 0f);
        max = Math.Max(max, 0f);
        if (min == max)
            max = MathF.Abs(min) < 1e-6f ? min + 1f : min > 0f ? 2f * min : min / 2f;
        return !isVerbatim && max - min < SmallestRange ? (0f, 1f) : (min, max);
    }
}
