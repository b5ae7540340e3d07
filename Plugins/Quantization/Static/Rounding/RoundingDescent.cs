using System.Runtime.Intrinsics;

namespace TransformFramework.Quantization.Static.Rounding;

/// <summary>
/// Lowers the error of a rounded column step by step: each weight in turn goes to the allowed value that leaves the least error beside all others, neighbours also by one step each at once, and each range
/// becomes the one that fits its values best. The error of a column w that is rounded to q with the units u is (w − u·q)ᵀ·H·(w − u·q); the gradient H·(w − u·q) is kept up to date.
/// </summary>
/// <param name="covariance">The whole symmetric matrix H, of size · size numbers.</param>
/// <param name="size">Number of inputs.</param>
/// <param name="group">Inputs that share a unit: the size, or less.</param>
/// <param name="allowed">Which values are allowed.</param>
internal sealed class RoundingDescent(double[] covariance, int size, int group, AllowedWeights allowed)
{
    /// <summary>A change must lower the error by more than rounding of double can feign.</summary>
    private const double LeastGain = 1e-9;

    /// <summary>Refines a column.</summary>
    /// <param name="weights">The weights before rounding.</param>
    /// <param name="values">The quantized values, which are changed.</param>
    /// <param name="units">The real value of a step in each group, which is changed where it may.</param>
    /// <param name="leastUnit">The smallest unit that the bias allows; 0 for any.</param>
    /// <param name="fitsUnits">Whether units may change.</param>
    /// <param name="sweeps">How often all weights are looked at, at most.</param>
    public void Refine(ReadOnlySpan<double> weights, Span<sbyte> values, Span<double> units, double leastUnit, bool fitsUnits, int sweeps)
    {
        double[] gradient = new double[size];
        for (int sweep = 0; sweep < sweeps; sweep++)
        {
            SetGradient(weights, values, units, gradient);
            if (fitsUnits)
                FitUnits(values, units, leastUnit, gradient);
            if (!Sweep(values, units, gradient))
                return;
        }
        if (fitsUnits)
            FitUnits(values, units, leastUnit, gradient);
    }

    /// <summary>Each unit of least error beside the others: it grows by qᵀ·gradient / qᵀ·H·q over its group.</summary>
    private void FitUnits(ReadOnlySpan<sbyte> values, Span<double> units, double leastUnit, double[] gradient)
    {
        for (int g = 0; g < units.Length; g++)
        {
            int first = g * group;
            int end = Math.Min(size, first + group);
            double slope = 0, curvature = 0;
            for (int i = first; i < end; i++)
            {
                slope += values[i] * gradient[i];
                curvature += values[i] * Product(covariance.AsSpan((i * size) + first, end - first), values[first..end]);
            }
            double unit = curvature > 0 ? units[g] + (slope / curvature) : units[g];
            if (leastUnit > 0)
                unit = Math.Max(unit, Math.Min(units[g], leastUnit));
            for (int i = first; i < end; i++)
                Subtract(covariance.AsSpan(i * size, size), (unit - units[g]) * values[i], gradient);
            units[g] = unit;
        }
    }

    private bool Sweep(Span<sbyte> values, ReadOnlySpan<double> units, double[] gradient)
    {
        bool isChanged = false;
        for (int i = 0; i < size; i++)
        {
            double unit = units[i / group];
            double curvature = covariance[(i * size) + i];
            int value = allowed.Nearest(values[i] + (gradient[i] / (unit * curvature)), Neighbour(values, i, i - 1), Neighbour(values, i + 1, i + 1));
            int steps = value - values[i];
            if (steps != 0 && Gain(gradient[i], curvature, unit * steps) > LeastGain * curvature * unit * unit)
            {
                Move(values, gradient, i, steps, unit);
                isChanged = true;
            }
            isChanged |= i > 0 && SweepPair(values, units, gradient, i);
        }
        return isChanged;
    }

    /// <summary>Moves a weight and the one above it by a step each, where that lowers the error.</summary>
    private bool SweepPair(Span<sbyte> values, ReadOnlySpan<double> units, double[] gradient, int i)
    {
        double own = covariance[(i * size) + i], above = covariance[((i - 1) * size) + i - 1], both = covariance[(i * size) + i - 1];
        double ownStep = allowed.Step * units[i / group], aboveStep = allowed.Step * units[(i - 1) / group];
        double best = LeastGain * own * ownStep * ownStep;
        (int Own, int Above) move = default;
        for (int sign = -1; sign <= 1; sign += 2)
        {
            for (int other = -1; other <= 1; other += 2)
            {
                double gain = Gain(gradient[i], own, sign * ownStep) + Gain(gradient[i - 1], above, other * aboveStep) - (2 * sign * other * ownStep * aboveStep * both);
                if (gain > best && MayHold(values, i, values[i] + (sign * allowed.Step), values[i - 1] + (other * allowed.Step)))
                    (best, move) = (gain, (sign * allowed.Step, other * allowed.Step));
            }
        }
        if (move == default)
            return false;
        Move(values, gradient, i, move.Own, units[i / group]);
        Move(values, gradient, i - 1, move.Above, units[(i - 1) / group]);
        return true;
    }

    /// <summary>How much less the error is when a weight grows.</summary>
    private static double Gain(double gradient, double curvature, double change) => (2 * change * gradient) - (change * change * curvature);

    private bool MayHold(ReadOnlySpan<sbyte> values, int i, int own, int above) =>
        allowed.Holds(own) && allowed.Holds(above)
        && (!allowed.IsPairedWithAbove(i) || PairedWeight.Fit(own, above))
        && (i + 1 >= size || !allowed.IsPairedWithAbove(i + 1) || PairedWeight.Fit(own, values[i + 1]))
        && (i < 2 || !allowed.IsPairedWithAbove(i - 1) || PairedWeight.Fit(above, values[i - 2]));

    private PairedWeight Neighbour(ReadOnlySpan<sbyte> values, int lower, int row) =>
        lower > 0 && lower < size && allowed.IsPairedWithAbove(lower) ? new(values[row], IsRounded: true) : default;

    private void Move(Span<sbyte> values, double[] gradient, int i, int steps, double unit)
    {
        values[i] += (sbyte)steps;
        Subtract(covariance.AsSpan(i * size, size), unit * steps, gradient);
    }

    private void SetGradient(ReadOnlySpan<double> weights, ReadOnlySpan<sbyte> values, ReadOnlySpan<double> units, double[] gradient)
    {
        Array.Clear(gradient);
        for (int i = 0; i < size; i++)
            Subtract(covariance.AsSpan(i * size, size), (units[i / group] * values[i]) - weights[i], gradient);
    }

    private static double Product(ReadOnlySpan<double> row, ReadOnlySpan<sbyte> values)
    {
        double sum = 0;
        for (int i = 0; i < row.Length; i++)
            sum += row[i] * values[i];
        return sum;
    }

    private static void Subtract(ReadOnlySpan<double> row, double factor, Span<double> target)
    {
        if (factor == 0)
            return;
        int i = 0;
        for (; i + Vector256<double>.Count <= target.Length; i += Vector256<double>.Count)
            (Vector256.Create(target[i..]) - (factor * Vector256.Create(row[i..]))).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] -= factor * row[i];
    }
}
