namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>
/// Sine and cosine of floats as Eigen's packet code computes them without fused multiply-add, to the bit: the argument less its nearest multiple of π/2, which is subtracted in four parts, then Cephes'
/// polynomials. Large arguments go to the C library.
/// </summary>
internal static class PacketTrigonometry
{
    private const float LargestSine = 25966f;
    private const float LargestCosine = 18838f;
    private const float ToWhole = 12582912f;

    /// <summary>sin x.</summary>
    public static float Sin(float x)
    {
        if (!(MathF.Abs(x) < LargestSine))
            return (float)Math.Sin(x);
        float rest = Reduced(MathF.Abs(x), out int quadrant);
        float y = (quadrant & 1) == 0 ? SineOf(rest) : CosineOf(rest);
        bool isNegative = float.IsNegative(x) != ((quadrant & 2) != 0);
        return isNegative ? -y : y;
    }

    /// <summary>cos x.</summary>
    public static float Cos(float x)
    {
        if (!(MathF.Abs(x) < LargestCosine))
            return (float)Math.Cos(x);
        float rest = Reduced(MathF.Abs(x), out int quadrant);
        float y = (quadrant & 1) == 0 ? CosineOf(rest) : SineOf(rest);
        return ((quadrant + 1) & 2) != 0 ? -y : y;
    }

    private static float Reduced(float x, out int quadrant)
    {
        float shifted = (x * 0.636619746685028076171875f) + ToWhole;
        quadrant = BitConverter.SingleToInt32Bits(shifted);
        float whole = shifted - ToWhole;
        x += whole * -1.5703125f;
        x += whole * -0.000483989715576171875f;
        x += whole * 1.62865035235881805419921875e-07f;
        return x + (whole * 5.5644315544167710640977020375430583953857421875e-11f);
    }

    private static float CosineOf(float x)
    {
        float square = x * x;
        float y = (2.4372266125283204019069671630859375e-05f * square) + -0.00138865201734006404876708984375f;
        y = (y * square) + 0.041666619479656219482421875f;
        y = (y * square) + -0.5f;
        return (y * square) + 1f;
    }

    private static float SineOf(float x)
    {
        float square = x * x;
        float y = (-0.0001959234114083702898469196984621021329076029360294342041015625f * square) + 0.00833268736556168516937948f;
        y = (y * square) + -0.16666662039829822555f;
        y *= square;
        return (y * x) + x;
    }
}
