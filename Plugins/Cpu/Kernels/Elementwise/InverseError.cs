using TransformFramework.Execution;

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
