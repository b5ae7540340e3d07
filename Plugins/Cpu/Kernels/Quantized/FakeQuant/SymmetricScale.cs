using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Quantized.FakeQuant;

/// <summary>Steps around zero: the finer of those that put the smallest number of a range on the lowest quantized value or the largest on the highest.</summary>
/// <param name="InverseScale">Steps in one.</param>
/// <param name="Scale">Length of a step.</param>
/// <param name="Min">The number of the lowest quantized value.</param>
/// <param name="Max">The number of the highest quantized value.</param>
internal readonly record struct SymmetricScale<T>(T InverseScale, T Scale, T Min, T Max)
    where T : unmanaged, IFloatingPointIeee754<T>, IMinMaxValue<T>
{
    public static SymmetricScale<T>[] Of((T Min, T Max)[] ranges, long lowest, long highest) =>
        [.. ranges.Select(range => Of(range.Min, range.Max, T.CreateTruncating(lowest), T.CreateTruncating(highest)))];

    /// <summary>Rounds real values to steps; <paramref name="clips"/> holds them within the range before.</summary>
    public void Apply(ReadOnlySpan<T> x, Span<T> y, bool clips, bool toEven)
    {
        T half = T.CreateTruncating(0.5);
        for (int i = 0; i < y.Length; i++)
        {
            T value = Denormals.Flush(x[i]);
            if (clips && !T.IsNaN(value))
                value = T.Max(T.Min(value, Max), Min);
            T steps = value * InverseScale;
            y[i] = Denormals.Flush((toEven ? T.Round(steps, MidpointRounding.ToEven) : T.Floor(steps + half)) * Scale);
        }
    }

    private static SymmetricScale<T> Of(T min, T max, T lowest, T highest)
    {
        T byMin = lowest * min > T.Zero ? lowest / min : T.MaxValue;
        T byMax = highest * max > T.Zero ? highest / max : T.MaxValue;
        if (byMin < byMax)
        {
            T step = min / lowest;
            return new(byMin, step, min, highest * step);
        }
        T upper = max / highest;
        return new(byMax, upper, lowest * upper, max);
    }
}
