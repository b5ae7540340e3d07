using TransformFramework.Execution;

namespace TransformFramework.Cpu.Kernels.Elementwise;

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
