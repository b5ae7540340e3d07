namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>Special functions in double precision. Series and continued fractions as in Abramowitz and Stegun, chapters 6, 7, 23 and 26; Γ by Lanczos' approximation (g = 7, n = 9).</summary>
internal static class SpecialFunctions
{
    private const double Tiny = 1e-300;
    private const double Precision = 1e-16;
    private const int MaxTerms = 100_000;

    private static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>Bernoulli numbers B₂ₖ over (2k)!, for the tail of the zeta function.</summary>
    private static readonly double[] BernoulliOverFactorial =
    [
        1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000, 1.0 / 74724249600, -3617.0 / 10670622842880000,
        43867.0 / 5109094217170944000, -174611.0 / 802857662698291200000.0,
    ];

    /// <summary>Coefficients B₂ₖ / 2k of the asymptotic series of ψ.</summary>
    private static readonly double[] DigammaTerms = [1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12];

    /// <summary>ln |Γ(x)|.</summary>
    public static double LogGamma(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (double.IsInfinity(x) || (x <= 0 && x == Math.Floor(x)))
            return double.PositiveInfinity;
        if (x < 0.5)
            return Math.Log(Math.PI / Math.Abs(Math.Sin(Math.PI * x))) - LogGamma(1 - x);
        double shifted = x - 1;
        double sum = Lanczos[0];
        for (int i = 1; i < Lanczos.Length; i++)
            sum += Lanczos[i] / (shifted + i);
        double t = shifted + 7.5;
        return (0.5 * Math.Log(2 * Math.PI)) + ((shifted + 0.5) * Math.Log(t)) - t + Math.Log(sum);
    }

    /// <summary>ψ(x) = d/dx ln Γ(x): reflection, recurrence to x ≥ 10, asymptotic series.</summary>
    public static double Digamma(double x)
    {
        if (x <= 0 && x == Math.Floor(x))
            return double.PositiveInfinity;
        double result = 0;
        if (x < 0)
        {
            result = -Math.PI / Math.Tan(Math.PI * x);
            x = 1 - x;
        }
        for (; x < 10; x++)
            result -= 1 / x;
        double z = 1 / (x * x);
        double series = 0;
        for (int i = DigammaTerms.Length - 1; i >= 0; i--)
            series = z * (DigammaTerms[i] + series);
        return result + Math.Log(x) - (0.5 / x) - series;
    }

    /// <summary>erf(x): its power series below 2, one less the continued fraction of erfc above.</summary>
    public static double Erf(double x)
    {
        if (double.IsNaN(x))
            return x;
        return Math.Abs(x) < 2 ? ErfSeries(x) : x > 0 ? 1 - ErfcFraction(x) : ErfcFraction(-x) - 1;
    }

    /// <summary>erfc(x) = 1 - erf(x), without cancellation for large x.</summary>
    public static double Erfc(double x)
    {
        if (double.IsNaN(x))
            return x;
        return Math.Abs(x) < 2 ? 1 - ErfSeries(x) : x > 0 ? ErfcFraction(x) : 2 - ErfcFraction(-x);
    }

    /// <summary>P(a, x): a series below a + 1, else 1 - Q.</summary>
    public static double LowerGamma(double a, double x)
    {
        if (double.IsNaN(a) || double.IsNaN(x) || a < 0 || x < 0 || (a == 0 && x == 0))
            return double.NaN;
        if (x == 0)
            return 0;
        if (a == 0 || double.IsInfinity(x))
            return 1;
        return x < a + 1 ? GammaSeries(a, x) : 1 - GammaFraction(a, x);
    }

    /// <summary>Q(a, x) = 1 - P(a, x).</summary>
    public static double UpperGamma(double a, double x)
    {
        if (double.IsNaN(a) || double.IsNaN(x) || a < 0 || x < 0 || (a == 0 && x == 0))
            return double.NaN;
        if (x == 0)
            return 1;
        if (a == 0 || double.IsInfinity(x))
            return 0;
        return x < a + 1 ? 1 - GammaSeries(a, x) : GammaFraction(a, x);
    }

    /// <summary>ζ(s, q) = Σ (q + k)⁻ˢ by Euler and Maclaurin's formula.</summary>
    public static double Zeta(double s, double q)
    {
        if (s == 1)
            return double.PositiveInfinity;
        if (s < 1 || double.IsNaN(s) || double.IsNaN(q))
            return double.NaN;
        if (q <= 0 && q == Math.Floor(q))
            return double.PositiveInfinity;
        if (q <= 0 && s != Math.Floor(s))
            return double.NaN;
        const int Direct = 12;
        double sum = 0;
        double a = q;
        for (int k = 0; k < Direct || a <= Direct; k++, a++)
            sum += Math.Pow(a, -s);
        sum += (Math.Pow(a, 1 - s) / (s - 1)) + (0.5 * Math.Pow(a, -s));
        double factor = s;
        double power = Math.Pow(a, -s - 1);
        for (int k = 0; k < BernoulliOverFactorial.Length; k++)
        {
            sum += BernoulliOverFactorial[k] * factor * power;
            factor *= (s + (2 * k) + 1) * (s + (2 * k) + 2);
            power /= a * a;
        }
        return sum;
    }

    /// <summary>ψ⁽ⁿ⁾(x) = (-1)ⁿ⁺¹·n!·ζ(n + 1, x).</summary>
    public static double Polygamma(double n, double x)
    {
        if (n < 0 || n != Math.Floor(n))
            return double.NaN;
        if (n == 0)
            return Digamma(x);
        double sign = n % 2 == 0 ? -1 : 1;
        return sign * Math.Exp(LogGamma(n + 1)) * Zeta(n + 1, x);
    }

    /// <summary>I_x(a, b), the regularized incomplete beta function, by its continued fraction.</summary>
    public static double IncompleteBeta(double a, double b, double x)
    {
        if (double.IsNaN(a) || double.IsNaN(b) || double.IsNaN(x) || a <= 0 || b <= 0 || x < 0 || x > 1)
            return double.NaN;
        if (x is 0 or 1)
            return x;
        double front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x)));
        return x < (a + 1) / (a + b + 2) ? front * BetaFraction(a, b, x) / a : 1 - (front * BetaFraction(b, a, 1 - x) / b);
    }

    private static double ErfSeries(double x)
    {
        double term = x;
        double sum = x;
        for (int n = 1; Math.Abs(term) > Math.Abs(sum) * Precision; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static double ErfcFraction(double x) => double.IsInfinity(x) ? 0 : GammaFraction(0.5, x * x);

    private static double GammaSeries(double a, double x)
    {
        double term = 1 / a;
        double sum = term;
        for (int n = 1; n < MaxTerms && Math.Abs(term) > Math.Abs(sum) * Precision; n++)
        {
            term *= x / (a + n);
            sum += term;
        }
        return sum * Math.Exp(-x + (a * Math.Log(x)) - LogGamma(a));
    }

    /// <summary>Q(a, x) by Lentz's algorithm.</summary>
    private static double GammaFraction(double a, double x)
    {
        double b = x + 1 - a;
        double c = 1 / Tiny;
        double d = 1 / b;
        double h = d;
        for (int i = 1; i < MaxTerms; i++)
        {
            double numerator = -i * (i - a);
            b += 2;
            d = 1 / NonZero((numerator * d) + b);
            c = NonZero(b + (numerator / c));
            double change = d * c;
            h *= change;
            if (Math.Abs(change - 1) < Precision)
                break;
        }
        return Math.Exp(-x + (a * Math.Log(x)) - LogGamma(a)) * h;
    }

    private static double BetaFraction(double a, double b, double x)
    {
        double c = 1;
        double d = 1 / NonZero(1 - ((a + b) * x / (a + 1)));
        double h = d;
        for (int m = 1; m < MaxTerms; m++)
        {
            double even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / NonZero(1 + (even * d));
            c = NonZero(1 + (even / c));
            h *= d * c;
            double odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / NonZero(1 + (odd * d));
            c = NonZero(1 + (odd / c));
            double change = d * c;
            h *= change;
            if (Math.Abs(change - 1) < Precision)
                break;
        }
        return h;
    }

    private static double NonZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
}
