using TransformFramework.Graphs;
using TransformFramework.Quantization.Dynamic;
using TransformFramework.Quantization.Static;
using TransformFramework.Quantization.Static.Moments;
using TransformFramework.Quantization.Static.Rounding;
using TransformFramework.Quantization.Static.Samples;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.FourBits;

/// <summary>Rounds the matrix of a product to 4 bits for the data that it sees: scales by how much each input varies, then each weight's error moved to the inputs to come (<see cref="Feedback"/>).</summary>
internal static class FourBitRounding
{
    private const int ColumnsAtOnce = 16;

    /// <summary>The matrices of products in 4 bits, by what they are known by.</summary>
    /// <param name="rounding">Runs the samples.</param>
    /// <param name="products">The products.</param>
    /// <param name="group">Inputs of a group.</param>
    /// <param name="context">The run.</param>
    public static Dictionary<(string, bool, int), GroupedWeights> Run(WeightOnlyRounding rounding, IEnumerable<DynamicProduct> products, int group, TransformContext context)
    {
        var byLayer = new Dictionary<FusedLayer, DynamicProduct>(ReferenceEqualityComparer.Instance);
        foreach (DynamicProduct product in products.DistinctBy(product => product.WeightsKey).Where(product => product.Weights.Shape[0] <= ErrorFeedback.MostInputs))
            byLayer[ProductLayer.Of(product, context)] = product;
        var rounded = new Dictionary<(string, bool, int), GroupedWeights>();
        foreach (var (planned, moments) in rounding.Moments(byLayer.Keys))
        {
            DynamicProduct product = byLayer[planned.Layer];
            if (moments.FitData)
                rounded[product.WeightsKey] = Round(product.Weights, group, moments, rounding.FeedsErrorsBack, rounding.Sweeps, context.Cancellation);
        }
        return rounded;
    }

    /// <summary>The rounded matrix.</summary>
    /// <param name="weights">The matrix, [inputs, columns].</param>
    /// <param name="group">Inputs of a group.</param>
    /// <param name="moments">Moments of the rows that it is multiplied with.</param>
    /// <param name="feedsErrorsBack">Whether errors move to other weights.</param>
    /// <param name="sweeps">How often all rounded weights are then looked at again, at most.</param>
    /// <param name="cancellation">Ends the work.</param>
    private static GroupedWeights Round(Tensor weights, int group, InputMoments moments, bool feedsErrorsBack, int sweeps, CancellationToken cancellation)
    {
        int size = moments.Size;
        double[] covariance = Feedback.Symmetric(moments, 0, isCentred: false, zeroPoint: 0);
        double[] importance = [.. Enumerable.Range(0, size).Select(i => covariance.Length == 0 ? 1 : covariance[(i * size) + i])];
        var nearest = GroupedWeights.Of(weights, group, importance);
        if (!feedsErrorsBack || Feedback.Of(moments, 0, isCentred: false, zeroPoint: 0, cancellation) is not { } feedback)
            return nearest;
        sbyte[] values = [.. nearest.Values];
        float[] scales = [.. nearest.Scales];
        SampleRuns.Each((nearest.Columns + ColumnsAtOnce - 1) / ColumnsAtOnce, block =>
        {
            int first = block * ColumnsAtOnce;
            int count = Math.Min(ColumnsAtOnce, nearest.Columns - first);
            RoundColumns(nearest, values, feedback, first, count);
            for (int column = first; sweeps > 0 && column < first + count; column++)
                Refine(nearest, values, scales, new(covariance, size, group, AllowedWeights.FourBits), column, sweeps);
        }, cancellation);
        return nearest with { Values = values, Scales = scales };
    }

    private static void RoundColumns(GroupedWeights nearest, sbyte[] values, Feedback feedback, int first, int count)
    {
        int size = nearest.Inputs, columns = nearest.Columns;
        ReadOnlySpan<float> weights = nearest.Weights.AsSpan<float>();
        double[] moved = new double[size * count];
        double[] errors = new double[count];
        for (int i = size - 1; i >= 0; i--)
        {
            int row = feedback.Order[i];
            for (int c = 0; c < count; c++)
            {
                int element = (row * columns) + first + c;
                double scale = nearest.ScaleOf(row, first + c);
                values[element] = GroupedWeights.Nearest((weights[element] + moved[(i * count) + c]) / scale);
                errors[c] = weights[element] - (values[element] * scale);
            }
            feedback.Move(i, errors, moved);
        }
    }

    private static void Refine(GroupedWeights nearest, sbyte[] values, float[] scales, RoundingDescent descent, int column, int sweeps)
    {
        int columns = nearest.Columns;
        ReadOnlySpan<float> all = nearest.Weights.AsSpan<float>();
        double[] weights = new double[nearest.Inputs];
        sbyte[] own = new sbyte[nearest.Inputs];
        for (int row = 0; row < own.Length; row++)
            (weights[row], own[row]) = (all[(row * columns) + column], values[(row * columns) + column]);
        double[] units = [.. Enumerable.Range(0, nearest.Groups).Select(g => (double)scales[(g * columns) + column])];
        descent.Refine(weights, own, units, leastUnit: 0, fitsUnits: true, sweeps);
        for (int row = 0; row < own.Length; row++)
            values[(row * columns) + column] = own[row];
        for (int g = 0; g < units.Length; g++)
            scales[(g * columns) + column] = (float)units[g];
    }
}
