using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Quantized;

/// <summary>Steps around zero: the finer of those that put the smallest number of a range on the lowest code or the largest on the highest.</summary>
/// <param name="Scale">Steps in one.</param>
/// <param name="Step">Length of a step.</param>
/// <param name="Min">The number of the lowest code.</param>
/// <param name="Max">The number of the highest code.</param>
internal readonly record struct SymmetricSteps<T>(T Scale, T Step, T Min, T Max)
    where T : unmanaged, IFloatingPointIeee754<T>, IMinMaxValue<T>
{
    public static SymmetricSteps<T>[] Of((T Min, T Max)[] ranges, long lowest, long highest) =>
        [.. ranges.Select(range => Of(range.Min, range.Max, T.CreateTruncating(lowest), T.CreateTruncating(highest)))];

    /// <summary>Rounds numbers to steps; <paramref name="clips"/> holds them within the range before.</summary>
    public void Apply(ReadOnlySpan<T> x, Span<T> y, bool clips, bool toEven)
    {
        T half = T.CreateTruncating(0.5);
        for (int i = 0; i < y.Length; i++)
        {
            T value = Denormals.Flush(x[i]);
            if (clips && !T.IsNaN(value))
                value = T.Max(T.Min(value, Max), Min);
            T steps = value * Scale;
            y[i] = Denormals.Flush((toEven ? T.Round(steps, MidpointRounding.ToEven) : T.Floor(steps + half)) * Step);
        }
    }

    private static SymmetricSteps<T> Of(T min, T max, T lowest, T highest)
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
