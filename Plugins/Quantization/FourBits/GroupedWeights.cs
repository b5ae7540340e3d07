using TransformFramework.Graphs;
using TransformFramework.Quantization.Static.Rounding;

namespace TransformFramework.Quantization.FourBits;

/// <summary>
/// Weights of a product as whole numbers from -8 to 7 times the scale of their group: some inputs that follow each other, of one column. A scale may be negative, so that the largest magnitude of a group can
/// be -8 steps whatever its sign.
/// </summary>
/// <param name="Weights">The weights before rounding, [inputs, columns].</param>
/// <param name="Values">The quantized values, in the order of the weights.</param>
/// <param name="Scales">The scales, [groups, columns].</param>
/// <param name="Group">Inputs of a group; the last may have fewer.</param>
internal sealed record GroupedWeights(Tensor Weights, sbyte[] Values, float[] Scales, int Group)
{
    /// <summary>The least value.</summary>
    public const int Least = AllowedWeights.LeastOfFourBits;

    /// <summary>Scales that are tried, as shares of the one that cuts nothing off.</summary>
    private static readonly float[] Shares = [1, 0.95f, 0.9f, 0.85f, 0.8f, 0.75f, 0.7f];

    public int Inputs => (int)Weights.Shape[0];

    public int Columns => (int)Weights.Shape[1];

    /// <summary>Groups of a column.</summary>
    public int Groups => (Inputs + Group - 1) / Group;

    /// <summary>The weights rounded to nearest, by the scales that leave the least error.</summary>
    /// <param name="weights">Finite weights, [inputs, columns].</param>
    /// <param name="group">Inputs of a group.</param>
    /// <param name="importance">How much an error at each input counts.</param>
    public static GroupedWeights Of(Tensor weights, int group, ReadOnlySpan<double> importance)
    {
        int inputs = (int)weights.Shape[0], columns = (int)weights.Shape[1];
        float[] scales = new float[(inputs + group - 1) / group * columns];
        ReadOnlySpan<float> all = weights.AsSpan<float>();
        for (int i = 0; i < scales.Length; i++)
        {
            int first = i / columns * group;
            scales[i] = BestScale(all, (first * columns) + (i % columns), columns, importance.Slice(first, Math.Min(group, inputs - first)));
        }
        sbyte[] values = new sbyte[all.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = Nearest(all[i] / scales[(i / columns / group * columns) + (i % columns)]);
        return new(weights, values, scales, group);
    }

    /// <summary>The scale of a weight.</summary>
    public float ScaleOf(int input, int column) => Scales[(input / Group * Columns) + column];

    /// <summary>The quantized value nearest to a number of steps.</summary>
    public static sbyte Nearest(double steps) => (sbyte)AllowedWeights.FourBits.Nearest(steps);

    /// <summary>The values of each column's groups, two a byte, the first in the lower half, 8 more than they are: [columns, groups, half a group].</summary>
    public Tensor Packed()
    {
        Tensor packed = Tensor.Allocate<byte>(DataType.UInt8, TensorShape.Of(Columns, Groups, Group / 2), out var bytes);
        int length = Groups * Group;
        for (int i = 0; i < bytes.Length; i++)
        {
            int column = 2 * i / length, input = 2 * i % length;
            bytes[i] = (byte)(Half(input, column) | (Half(input + 1, column) << 4));
        }
        return packed;

        int Half(int input, int column) => (input < Inputs ? Values[(input * Columns) + column] : 0) - Least;
    }

    /// <summary>The scales of each column's groups: [columns, groups, 1].</summary>
    public Tensor ColumnScales() =>
        Tensor.Create<float>(DataType.Float, TensorShape.Of(Columns, Groups, 1), [.. Enumerable.Range(0, Scales.Length).Select(i => Scales[(i % Groups * Columns) + (i / Groups)])]);

    private static float BestScale(ReadOnlySpan<float> weights, int first, int stride, ReadOnlySpan<double> importance)
    {
        float largest = 0;
        for (int i = 0; i < importance.Length; i++)
            largest = Math.Max(largest, Math.Abs(weights[first + (i * stride)]));
        float whole = largest / -Least;
        if (!float.IsNormal(whole))
            return 1;
        float best = whole;
        double least = double.PositiveInfinity;
        foreach (float share in Shares)
        {
            for (int sign = -1; sign <= 1; sign += 2)
            {
                float scale = sign * share * whole;
                double error = 0;
                for (int i = 0; i < importance.Length; i++)
                {
                    double weight = weights[first + (i * stride)];
                    double left = weight - (Nearest(weight / scale) * (double)scale);
                    error += importance[i] * left * left;
                }
                if (error < least)
                    (best, least) = (scale, error);
            }
        }
        return best;
    }
}
