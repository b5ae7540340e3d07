using System.Runtime.Intrinsics;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Static.Samples;
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

    private const double Damping = 0.01;
    private const int ColumnsAtOnce = 16;

    /// <summary>The filter rounded again.</summary>
    /// <param name="filter">The filter, rounded to nearest.</param>
    /// <param name="moments">Moments of the layer's data.</param>
    /// <param name="allowed">Which values are allowed.</param>
    /// <param name="isCentred">Whether the bias corrects means.</param>
    /// <param name="zeroPoint">The value of the data that stands for 0.</param>
    /// <param name="groups">Number of channels of a depthwise layer, else 1.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static QuantizedFilter Round(QuantizedFilter filter, InputMoments moments, AllowedWeights allowed, bool isCentred, double zeroPoint, int groups, CancellationToken cancellation)
    {
        int columns = (int)(filter.Weights.ElementCount / moments.Size);
        int width = columns / groups;
        sbyte[] values = filter.Values.AsSpan<sbyte>().ToArray();
        if (groups == 1)
        {
            var feedback = Feedback.Of(moments, 0, isCentred, zeroPoint, cancellation);
            SampleRuns.Each((columns + ColumnsAtOnce - 1) / ColumnsAtOnce, block => RoundColumns(filter, values, feedback, allowed, block * ColumnsAtOnce, Math.Min(ColumnsAtOnce, columns - (block * ColumnsAtOnce))), cancellation);
        }
        else
        {
            SampleRuns.Each(groups, group => RoundColumns(filter, values, Feedback.Of(moments, group, isCentred, zeroPoint, cancellation), allowed, group * width, width), cancellation);
        }
        Tensor rounded = Tensor.Allocate<sbyte>(DataType.QInt8, filter.Values.Shape, out var elements);
        values.CopyTo(elements);
        return filter with { Values = rounded };
    }

    private static void RoundColumns(QuantizedFilter filter, sbyte[] values, Feedback? feedback, AllowedWeights allowed, int first, int count)
    {
        if (feedback is null)
            return;
        int size = feedback.Order.Length;
        int columns = values.Length / size;
        ReadOnlySpan<float> weights = filter.Weights.AsSpan<float>();
        double[] moved = new double[size * count];
        bool[] isDone = new bool[size];
        double[] errors = new double[count];
        for (int i = size - 1; i >= 0; i--)
        {
            int row = feedback.Order[i];
            for (int c = 0; c < count; c++)
            {
                int element = (row * columns) + first + c;
                double unit = filter.Ends[(first + c) % filter.Ends.Length] / (double)QuantizedFilter.Levels;
                double wanted = weights[element] + moved[(i * count) + c];
                int above = allowed.IsPairedWithAbove(row) && isDone[row - 1] ? values[element - columns] : 0;
                int below = row + 1 < size && allowed.IsPairedWithAbove(row + 1) && isDone[row + 1] ? values[element + columns] : 0;
                values[element] = (sbyte)allowed.Nearest(wanted / unit, above, below);
                errors[c] = weights[element] - (values[element] * unit);
            }
            isDone[row] = true;
            feedback.Move(i, errors, moved);
        }
    }

    /// <summary>How errors of inputs move to others, in the order that is rounded from the last to the first.</summary>
    private sealed class Feedback(int[] order, double[] factor)
    {
        private readonly double[] inverses = [.. Enumerable.Range(0, order.Length).Select(i => 1 / factor[(i * order.Length) + i])];

        public int[] Order => order;

        /// <summary>The feedback of a group; null when its data never vary.</summary>
        public static Feedback? Of(InputMoments moments, int group, bool isCentred, double zeroPoint, CancellationToken cancellation)
        {
            int size = moments.Size;
            double[] covariance = moments.Covariance(group, isCentred, zeroPoint);
            double[] variances = [.. Enumerable.Range(0, size).Select(i => covariance[(i * size) + i])];
            double added = Damping * variances.Average();
            if (!(added > 0))
                return null;
            int[] order = [.. Enumerable.Range(0, size).OrderBy(i => variances[i]).ThenBy(i => i)];
            double[] matrix = new double[size * size];
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j <= i; j++)
                    matrix[(i * size) + j] = covariance[(Math.Max(order[i], order[j]) * size) + Math.Min(order[i], order[j])];
                matrix[(i * size) + i] += added;
            }
            return CholeskyFactor.Factor(matrix, size, cancellation) ? new(order, matrix) : null;
        }

        /// <summary>Adds the errors of an input to what is moved to the inputs before it.</summary>
        public void Move(int input, ReadOnlySpan<double> errors, Span<double> moved)
        {
            int count = errors.Length;
            for (int i = 0; i < input; i++)
            {
                double share = factor[(input * order.Length) + i] * inverses[i];
                Span<double> target = moved.Slice(i * count, count);
                int c = 0;
                for (; c + Vector256<double>.Count <= target.Length; c += Vector256<double>.Count)
                    (Vector256.Create(target[c..]) + (share * Vector256.Create(errors[c..]))).CopyTo(target[c..]);
                for (; c < target.Length; c++)
                    target[c] += share * errors[c];
            }
        }
    }
}
