using System.Runtime.Intrinsics;
using TransformFramework.Quantization.Static.Moments;

namespace TransformFramework.Quantization.Static.Rounding;

/// <summary>How errors of inputs move to others, in the order that is rounded from the last to the first, by the <see cref="LowerTriangle"/> of a factor.</summary>
internal sealed class Feedback(int[] order, double[] factor)
{
    private const double Damping = 0.01;

    private readonly double[] inverses = [.. Enumerable.Range(0, order.Length).Select(i => 1 / factor[LowerTriangle.Start(i) + i])];

    public int[] Order => order;

    public double DiagonalOf(int input) => factor[LowerTriangle.Start(input) + input];

    /// <summary>The feedback of a group; null when its data never vary.</summary>
    public static Feedback? Of(InputMoments moments, int group, bool isCentred, double zeroPoint, CancellationToken cancellation)
    {
        int size = moments.Size;
        double[] variances = [.. Enumerable.Range(0, size).Select(i => moments.Covariance(group, i, i, isCentred, zeroPoint))];
        double added = Damping * variances.Average();
        if (!(added > 0))
            return null;
        int[] order = [.. Enumerable.Range(0, size).OrderBy(i => variances[i]).ThenBy(i => i)];
        double[] matrix = new double[LowerTriangle.Start(size)];
        for (int i = 0; i < size; i++)
        {
            Span<double> row = matrix.AsSpan(LowerTriangle.Start(i), i + 1);
            for (int j = 0; j <= i; j++)
                row[j] = moments.Covariance(group, order[i], order[j], isCentred, zeroPoint);
            row[i] += added;
        }
        return CholeskyFactor.Factor(matrix, size, cancellation) ? new(order, matrix) : null;
    }

    /// <summary>Adds the errors of an input to what is moved to the inputs before it.</summary>
    public void Move(int input, ReadOnlySpan<double> errors, Span<double> moved)
    {
        int count = errors.Length;
        ReadOnlySpan<double> row = factor.AsSpan(LowerTriangle.Start(input), input);
        for (int i = 0; i < input; i++)
        {
            double share = row[i] * inverses[i];
            Span<double> target = moved.Slice(i * count, count);
            int c = 0;
            for (; c + Vector256<double>.Count <= target.Length; c += Vector256<double>.Count)
                (Vector256.Create(target[c..]) + (share * Vector256.Create(errors[c..]))).CopyTo(target[c..]);
            for (; c < target.Length; c++)
                target[c] += share * errors[c];
        }
    }

    /// <summary>The whole covariance of a group, its diagonal raised a little; empty when its data never vary.</summary>
    public static double[] Symmetric(InputMoments moments, int group, bool isCentred, double zeroPoint)
    {
        int size = moments.Size;
        double[] matrix = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
                matrix[(i * size) + j] = matrix[(j * size) + i] = moments.Covariance(group, i, j, isCentred, zeroPoint);
        }
        double added = Damping * Enumerable.Range(0, size).Average(i => matrix[(i * size) + i]);
        if (!(added > 0))
            return [];
        for (int i = 0; i < size; i++)
            matrix[(i * size) + i] += added;
        return matrix;
    }
}
