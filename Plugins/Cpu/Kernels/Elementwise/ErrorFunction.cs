namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>
/// erf in double precision for results that are rounded to float: rational approximations on |x| ≤ 0.46875 and up to 4, beyond which a float's erf is ±1. Source: W. J. Cody, Rational Chebyshev approximations for the
/// error function, Mathematics of Computation 23, 1969.
/// </summary>
internal static class ErrorFunction
{
    private const double Near = 0.46875;
    private const double Far = 4;

    private static readonly double[] NearNumerator = [1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3];
    private static readonly double[] NearDenominator = [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3];

    private static readonly double[] FarNumerator =
    [
        2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
    ];

    private static readonly double[] FarDenominator =
    [
        1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
    ];

    /// <summary>erf of a float.</summary>
    public static float Erf(float x)
    {
        double magnitude = Math.Abs((double)x);
        if (!(magnitude < Far))
            return float.IsNaN(x) ? x : MathF.CopySign(1, x);
        double square = magnitude * magnitude;
        if (magnitude <= Near)
            return (float)(x * Polynomial(NearNumerator, square) / Polynomial(NearDenominator, square));
        return (float)Math.CopySign(1 - (Math.Exp(-square) * Polynomial(FarNumerator, magnitude) / Polynomial(FarDenominator, magnitude)), x);
    }

    private static double Polynomial(double[] coefficients, double x)
    {
        double sum = coefficients[0];
        for (int i = 1; i < coefficients.Length; i++)
            sum = (sum * x) + coefficients[i];
        return sum;
    }
}
