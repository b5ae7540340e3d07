using System.Runtime.InteropServices;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Static.Moments;
using TransformFramework.Toolkit.Sampling;

namespace TransformFramework.Quantization.Static.Rounding;

/// <summary>
/// Rounds weights one input after the other and moves each one's rounding error to those still to come, so that the layer's results change least for the data it sees: with the inputs' covariance H = L·Lᵀ
/// the weight of input i is rounded from w(i) + Σ L(j,i) / L(i,i) · error(j) over the inputs j already rounded. This is GPTQ (E. Frantar et al., 2022) as back substitution (J. Chee et al., QuIP, 2023,
/// theorem 6); the inputs of the largest variance go first.
/// </summary>
internal static class ErrorFeedback
{
    /// <summary>Layers of more inputs are rounded to nearest: their covariances would not fit into memory.</summary>
    public const int MostInputs = 8192;

    private const int ColumnsAtOnce = 16;

    /// <summary>Ranges that are tried: large weights may be cut off, since their errors move too. One range a channel gains little by it.</summary>
    private static readonly float[] FactorsOfChannels = [1, 0.95f, 0.9f, 0.83f];

    /// <summary>Ranges that leave room for pairs, and ranges of all channels, are wider than most weights need.</summary>
    private static readonly float[] FactorsOfWide = [1, 0.92f, 0.84f, 0.76f, 0.68f, 0.6f, 0.5f, 0.4f, 0.3f];

    /// <summary>The filter rounded again, by the ranges that leave the least error.</summary>
    /// <param name="filter">The filter, rounded to nearest.</param>
    /// <param name="moments">Moments of the layer's data.</param>
    /// <param name="allowed">Which values are allowed.</param>
    /// <param name="isCentred">Whether the bias corrects means.</param>
    /// <param name="zeroPoint">The value of the data that stands for 0.</param>
    /// <param name="groups">Number of channels of a depthwise layer, else 1.</param>
    /// <param name="sweeps">How often all rounded weights are then looked at again, at most.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static QuantizedFilter Round(QuantizedFilter filter, InputMoments moments, AllowedWeights allowed, bool isCentred, double zeroPoint, int groups, int sweeps, CancellationToken cancellation)
    {
        int columns = (int)(filter.Weights.ElementCount / moments.Size);
        int atOnce = groups > 1 ? columns / groups : ColumnsAtOnce;
        Feedback? shared = groups > 1 ? null : Feedback.Of(moments, 0, isCentred, zeroPoint, cancellation);
        float[] factors = filter.Ends.Length == 1 || allowed.Saturation == Saturation.AvoidPairs ? FactorsOfWide : FactorsOfChannels;
        Trial[] trials = [.. factors.Select(factor => new Trial(filter.EndsTimes(factor), filter.Values.AsSpan<sbyte>().ToArray(), new double[columns]))];
        SampleRuns.Each((columns + atOnce - 1) / atOnce, block =>
        {
            Feedback? feedback = groups > 1 ? Feedback.Of(moments, block, isCentred, zeroPoint, cancellation) : shared;
            foreach (Trial trial in trials)
                RoundColumns(filter.Weights, trial, feedback, allowed, block * atOnce, Math.Min(atOnce, columns - (block * atOnce)));
        }, cancellation);
        QuantizedFilter best = Best(filter, trials);
        return sweeps == 0 ? best : Refined(best, moments, allowed, isCentred, zeroPoint, groups, sweeps, cancellation);
    }

    /// <summary>The filter with its error lowered step by step.</summary>
    private static QuantizedFilter Refined(QuantizedFilter filter, InputMoments moments, AllowedWeights allowed, bool isCentred, double zeroPoint, int groups, int sweeps, CancellationToken cancellation)
    {
        int size = moments.Size;
        int columns = (int)(filter.Weights.ElementCount / size);
        sbyte[] values = filter.Values.AsSpan<sbyte>().ToArray();
        float[] ends = [.. filter.Ends];
        double[]? shared = groups > 1 ? null : Feedback.Symmetric(moments, 0, isCentred, zeroPoint);
        SampleRuns.Each(columns, column =>
        {
            if ((shared ?? Feedback.Symmetric(moments, column / (columns / groups), isCentred, zeroPoint)) is not { Length: > 0 } covariance)
                return;
            ReadOnlySpan<float> all = filter.Weights.AsSpan<float>();
            double[] weights = new double[size];
            sbyte[] own = new sbyte[size];
            for (int row = 0; row < size; row++)
                (weights[row], own[row]) = (all[(row * columns) + column], values[(row * columns) + column]);
            int end = column % ends.Length;
            double[] unit = [filter.Ends[end] / (double)QuantizedFilter.Levels];
            new RoundingDescent(covariance, size, size, allowed).Refine(weights, own, unit, filter.LeastEnds[end] / (double)QuantizedFilter.Levels, fitsUnits: ends.Length > 1, sweeps);
            for (int row = 0; row < size; row++)
                values[(row * columns) + column] = own[row];
            if (ends.Length > 1)
                ends[end] = (float)(unit[0] * QuantizedFilter.Levels);
        }, cancellation);
        return filter with { Values = Tensor.FromContent(DataType.QInt8, filter.Values.Shape, MemoryMarshal.AsBytes<sbyte>(values).ToArray()), Ends = ends };
    }

    /// <summary>For each range of the filter the trial of the smallest error.</summary>
    private static QuantizedFilter Best(QuantizedFilter filter, Trial[] trials)
    {
        int columns = trials[0].Errors.Length;
        int[] best = filter.Ends.Length == 1
            ? [IndexOfLeast(trial => trial.Errors.Sum())]
            : [.. Enumerable.Range(0, columns).Select(column => IndexOfLeast(trial => trial.Errors[column]))];
        Tensor rounded = Tensor.Allocate<sbyte>(DataType.QInt8, filter.Values.Shape, out var elements);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = trials[best[i % columns % best.Length]].Values[i];
        return filter with { Values = rounded, Ends = [.. best.Select((trial, i) => trials[trial].Ends[i])] };

        int IndexOfLeast(Func<Trial, double> error) => Enumerable.Range(0, trials.Length).MinBy(i => error(trials[i]));
    }

    private static void RoundColumns(Tensor weightsTensor, Trial trial, Feedback? feedback, AllowedWeights allowed, int first, int count)
    {
        if (feedback is null)
            return;
        sbyte[] values = trial.Values;
        int size = feedback.Order.Length;
        int columns = values.Length / size;
        ReadOnlySpan<float> weights = weightsTensor.AsSpan<float>();
        double[] moved = new double[size * count];
        double[] errors = new double[count];
        int[] positions = new int[size];
        for (int i = 0; i < size; i++)
            positions[feedback.Order[i]] = i;
        for (int i = size - 1; i >= 0; i--)
        {
            int row = feedback.Order[i];
            for (int c = 0; c < count; c++)
            {
                int element = (row * columns) + first + c;
                double unit = trial.Ends[(first + c) % trial.Ends.Length] / (double)QuantizedFilter.Levels;
                double wanted = weights[element] + moved[(i * count) + c];
                values[element] = (sbyte)allowed.Nearest(wanted / unit, Paired(row, row - 1, i, c, unit), Paired(row + 1, row + 1, i, c, unit));
                errors[c] = weights[element] - (values[element] * unit);
                double left = feedback.DiagonalOf(i) * (wanted - (values[element] * unit));
                trial.Errors[first + c] += left * left;
            }
            feedback.Move(i, errors, moved);
        }

        PairedWeight Paired(int lower, int row, int now, int column, double unit)
        {
            if (lower <= 0 || lower >= size || !allowed.IsPairedWithAbove(lower))
                return default;
            int element = (row * columns) + first + column;
            int position = positions[row];
            return position > now ? new(values[element], IsRounded: true) : new((weightsTensor.AsSpan<float>()[element] + moved[(position * count) + column]) / unit, IsRounded: false);
        }
    }

    /// <summary>Weights rounded by some ranges.</summary>
    /// <param name="Ends">Ends of the ranges.</param>
    /// <param name="Values">The quantized weights.</param>
    /// <param name="Errors">Mean squared error that they add to each column's results, in squares of weights times data steps.</param>
    private sealed record Trial(float[] Ends, sbyte[] Values, double[] Errors);
}
