using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>The inverse of the error function: a rational start (Giles, "Approximating the erfinv function", 2010), then two steps of Newton's method.</summary>
[Kernel("Erfinv")]
internal sealed class InverseError : UnaryKernel
{
    protected override double Apply(double x) => Compute(x);

    internal static double Compute(double x)
    {
        if (double.IsNaN(x) || Math.Abs(x) >= 1)
            return x == 1 ? double.PositiveInfinity : x == -1 ? double.NegativeInfinity : double.NaN;
        double w = -Math.Log((1 - x) * (1 + x));
        ReadOnlySpan<double> near = [2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941];
        ReadOnlySpan<double> far = [-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682];
        bool isNear = w < 5;
        double t = isNear ? w - 2.5 : Math.Sqrt(w) - 3;
        double estimate = 0;
        foreach (double coefficient in isNear ? near : far)
            estimate = (estimate * t) + coefficient;
        double y = estimate * x;
        for (int step = 0; step < 2; step++)
        {
            double error = SpecialFunctions.Erf(y) - x;
            y -= error / (2 / Math.Sqrt(Math.PI) * Math.Exp(-y * y));
        }
        return double.IsFinite(y) ? y : estimate * x;
    }
}

/// <summary>The quantile of the normal distribution: √2 · erf⁻¹(2x − 1).</summary>
[Kernel("Ndtri")]
internal sealed class NormalQuantile : UnaryKernel
{
    protected override double Apply(double x) => Math.Sqrt(2) * InverseError.Compute((2 * x) - 1);
}

/// <summary>Modified Bessel functions of the first kind, of order 0 and 1; those ending in e times exp(−|x|). By their series below 20, else by their asymptotic one (Abramowitz and Stegun, 9.6.10 and 9.7.1).</summary>
internal abstract class BesselKernel(int order, bool isScaled) : UnaryKernel
{
    private const double Far = 20;
    private const int Terms = 200;

    protected override double Apply(double x)
    {
        double magnitude = Math.Abs(x);
        double sign = order == 1 && x < 0 ? -1 : 1;
        if (magnitude < Far)
            return sign * Series(magnitude) * (isScaled ? Math.Exp(-magnitude) : 1);
        return sign * Asymptotic(magnitude) * (isScaled ? 1 : Math.Exp(magnitude));
    }

    private double Series(double x)
    {
        double quarter = x * x / 4;
        double term = order == 0 ? 1 : x / 2;
        double sum = term;
        for (int k = 1; k < Terms && term > sum * 1e-17; k++)
        {
            term *= quarter / (k * (double)(k + order));
            sum += term;
        }
        return sum;
    }

    private double Asymptotic(double x)
    {
        double mu = 4.0 * order * order;
        double term = 1;
        double sum = 1;
        for (int k = 1; k < Terms; k++)
        {
            double odd = (2 * k) - 1;
            double next = -term * (mu - (odd * odd)) / (k * 8 * x);
            if (Math.Abs(next) >= Math.Abs(term) || Math.Abs(next) < 1e-17)
                break;
            term = next;
            sum += term;
        }
        return sum / Math.Sqrt(2 * Math.PI * x);
    }
}

[Kernel("BesselI0")]
internal sealed class BesselI0() : BesselKernel(0, isScaled: false);

[Kernel("BesselI0e")]
internal sealed class BesselI0e() : BesselKernel(0, isScaled: true);

[Kernel("BesselI1")]
internal sealed class BesselI1() : BesselKernel(1, isScaled: false);

[Kernel("BesselI1e")]
internal sealed class BesselI1e() : BesselKernel(1, isScaled: true);

/// <summary>True where two numbers differ by less than a tolerance.</summary>
[Kernel("ApproximateEqual")]
internal sealed class ApproximateEqual : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        if (!call.Inputs[0].Shape.Equals(call.Inputs[1].Shape))
            throw Refuse.Invalid($"x and y must be of the same shape. x shape: {call.Inputs[0].Shape}. y shape: {call.Inputs[1].Shape}");
        double[] x = RealValues.ToDoubles(call.Inputs[0]);
        double[] y = RealValues.ToDoubles(call.Inputs[1]);
        double tolerance = call.Node.Float("tolerance");
        return [Tensor.Create<bool>(DataType.Bool, call.Inputs[0].Shape, [.. x.Zip(y, (left, right) => Math.Abs(left - right) < tolerance)])];
    }
}

/// <summary>The cross products of vectors of three along the last dimension.</summary>
[Kernel("Cross")]
internal sealed class CrossProduct : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        TensorShape shape = call.Inputs[0].Shape;
        if (!shape.Equals(call.Inputs[1].Shape) || shape.Rank < 1 || shape[shape.Rank - 1] != 3)
            throw Refuse.Invalid($"Both inputs must be of same shape and their last dimension 3: {shape} vs. {call.Inputs[1].Shape}");
        double[] a = RealValues.ToDoubles(call.Inputs[0]);
        double[] b = RealValues.ToDoubles(call.Inputs[1]);
        double[] c = new double[a.Length];
        for (int i = 0; i < c.Length; i += 3)
        {
            c[i] = (a[i + 1] * b[i + 2]) - (a[i + 2] * b[i + 1]);
            c[i + 1] = (a[i + 2] * b[i]) - (a[i] * b[i + 2]);
            c[i + 2] = (a[i] * b[i + 1]) - (a[i + 1] * b[i]);
        }
        return [RealValues.FromDoubles(call.Inputs[0].Type, shape, c)];
    }
}

/// <summary>Number of bits that are set.</summary>
[Kernel("PopulationCount")]
internal sealed class PopulationCount : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        int size = x.Type.Size();
        if (size == 0 || x.Type.IsFloating())
            throw Refuse.Type(x.Type, "the integer types");
        byte[] counts = new byte[x.ElementCount];
        ReadOnlySpan<byte> bytes = x.Bytes.Span;
        for (int i = 0; i < counts.Length; i++)
        {
            foreach (byte part in bytes.Slice(i * size, size))
                counts[i] += (byte)BitOperations.PopCount(part);
        }
        return [Tensor.Create<byte>(DataType.UInt8, x.Shape, counts)];
    }
}

/// <summary>log Σ exp of all elements up to each one along an axis.</summary>
[Kernel("CumulativeLogsumexp")]
internal sealed class CumulativeLogSumExp : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        int axis = Integers.Axis(Integers.Scalar(call.Inputs[1], "axis"), x.Shape.Rank);
        bool isExclusive = call.Node.Bool("exclusive");
        bool isReverse = call.Node.Bool("reverse");
        double[] values = Floats.ToDoubles(x);
        double[] results = new double[values.Length];
        int length = (int)x.Shape[axis];
        int inner = 1;
        for (int d = axis + 1; d < x.Shape.Rank; d++)
            inner *= (int)x.Shape[d];
        for (int start = 0; start < (length == 0 ? 0 : values.Length / length); start++)
        {
            int first = (start / inner * length * inner) + (start % inner);
            double sum = double.NegativeInfinity;
            for (int i = 0; i < length; i++)
            {
                int at = first + ((isReverse ? length - 1 - i : i) * inner);
                double next = Add(sum, values[at]);
                results[at] = isExclusive ? Math.Max(sum, x.Type == DataType.Double ? double.MinValue : float.MinValue) : next;
                sum = next;
            }
        }
        return [Floats.FromDoubles(x.Type, x.Shape, results)];
    }

    private static double Add(double x, double y)
    {
        double greatest = Math.Max(x, y);
        return double.IsInfinity(greatest) ? greatest : greatest + Math.Log(Math.Exp(x - greatest) + Math.Exp(y - greatest));
    }
}
