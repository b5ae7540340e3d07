using System.Runtime.Intrinsics;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>
/// Functions of floats as Eigen's packet code computes them without fused multiply-add, to the bit: a quantized tensor downstream turns the last bit of one of these into another code.
/// TensorFlow takes packets of <see cref="Width"/> elements through this code and what remains one by one through the C library.
/// </summary>
internal static class PacketMath
{
    public const int Width = 8;

    private const int LeafPackets = 1024;

    /// <summary>How many of a number of elements are in packets.</summary>
    public static int Packed(int count) => count / Width * Width;

    /// <summary>Sum of neighbouring floats as Eigen's inner reduction takes it: halves of long runs apart, within them packet by packet, the rest one by one.</summary>
    public static float Sum(ReadOnlySpan<float> values)
    {
        if (values.Length > Width * LeafPackets)
        {
            int half = Width * ((((values.Length + 1) / 2) + Width - 1) / Width);
            return Sum(values[..half]) + Sum(values[half..]);
        }
        Vector256<float> packet = Vector256<float>.Zero;
        int packed = Packed(values.Length);
        for (int i = 0; i < packed; i += Width)
            packet += Vector256.Create(values.Slice(i, Width));
        Span<float> sums = stackalloc float[Width];
        packet.CopyTo(sums);
        float rest = 0;
        for (int i = packed; i < values.Length; i++)
            rest += values[i];
        return rest + Total(sums);
    }

    /// <summary>Σ x·y by a packet of sums, then the rest one by one.</summary>
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Vector256<float> packet = Vector256<float>.Zero;
        int packed = Packed(x.Length);
        for (int i = 0; i < packed; i += Width)
            packet += Vector256.Create(x.Slice(i, Width)) * Vector256.Create(y.Slice(i, Width));
        Span<float> sums = stackalloc float[Width];
        packet.CopyTo(sums);
        float total = Total(sums);
        for (int i = packed; i < x.Length; i++)
            total += x[i] * y[i];
        return total;
    }

    /// <summary>eˣ by Cephes' polynomial: 2^m · e^r, with m·ln 2 subtracted in two parts.</summary>
    public static float Exp(float x)
    {
        float clamped = Max(Min(x, 88.3762626647950f), -88.3762626647949f);
        float m = MathF.Floor((clamped * 1.44269504088896341f) + 0.5f);
        float r = clamped - (m * 0.693359375f);
        r -= m * -2.12194440e-4f;
        float y = 1.9875691500e-4f;
        y = (y * r) + 1.3981999507e-3f;
        y = (y * r) + 8.3334519073e-3f;
        y = (y * r) + 4.1665795894e-2f;
        y = (y * r) + 1.6666665459e-1f;
        y = (y * r) + 5.0000001201e-1f;
        y = (y * (r * r)) + r;
        y += 1f;
        float power = float.IsNaN(m) ? m : BitConverter.Int32BitsToSingle(((int)m + 127) << 23);
        return Max(Denormals.Flush(y * power), x);
    }

    /// <summary>tanh x by a rational function over ±9; the C library is not used for the rest either.</summary>
    public static float Tanh(float x)
    {
        float clamped = Max(Min(x, 9f), -9f);
        float square = clamped * clamped;
        float p = (square * -2.76076847742355e-16f) + 2.00018790482477e-13f;
        p = (square * p) + -8.60467152213735e-11f;
        p = (square * p) + 5.12229709037114e-08f;
        p = (square * p) + 1.48572235717979e-05f;
        p = (square * p) + 6.37261928875436e-04f;
        p = (square * p) + 4.89352455891786e-03f;
        p *= clamped;
        float q = (square * 1.19825839466702e-06f) + 1.18534705686654e-04f;
        q = (square * q) + 2.26843463243900e-03f;
        q = (square * q) + 4.89352518554385e-03f;
        return Denormals.Flush(p / q);
    }

    /// <summary>1 / (1 + e⁻ˣ) by a rational function over ±18.</summary>
    public static float Logistic(float x)
    {
        float clamped = Max(Min(x, 18f), -18f);
        float square = clamped * clamped;
        float p = (square * 4.37031012579801e-11f) + 1.15627324459942e-07f;
        p = (square * p) + 6.08574864600143e-05f;
        p = (square * p) + 8.51377133304701e-03f;
        p = (square * p) + 2.48287947061529e-01f;
        p *= clamped;
        float q = (square * 6.10247389755681e-13f) + 5.76102136993427e-09f;
        q = (square * q) + 6.29106785017040e-06f;
        q = (square * q) + 1.70198817374094e-03f;
        q = (square * q) + 1.16817656904453e-01f;
        q = (square * q) + 9.93151921023180e-01f;
        return Max(Min((p / q) + 0.5f, 1f), 0f);
    }

    /// <summary>erf x by a rational function over ±4, within 5·10⁻⁷.</summary>
    public static float Erf(float x)
    {
        float clamped = Max(Min(x, 4f), -4f);
        float square = clamped * clamped;
        float p = (square * -2.72614225801306e-10f) + 2.77068142495902e-08f;
        p = (square * p) + -2.10102402082508e-06f;
        p = (square * p) + -5.69250639462346e-05f;
        p = (square * p) + -7.34990630326855e-04f;
        p = (square * p) + -2.95459980854025e-03f;
        p = (square * p) + -1.60960333262415e-02f;
        p *= clamped;
        float q = (square * -1.45660718464996e-05f) + -2.13374055278905e-04f;
        q = (square * q) + -1.68282697438203e-03f;
        q = (square * q) + -7.37332916720468e-03f;
        q = (square * q) + -1.42647390514189e-02f;
        return Denormals.Flush(p / q);
    }

    /// <summary>Sum of a packet: its halves are added, then theirs, then the last two.</summary>
    private static float Total(ReadOnlySpan<float> packet)
    {
        float even = (packet[0] + packet[4]) + (packet[2] + packet[6]);
        float odd = (packet[1] + packet[5]) + (packet[3] + packet[7]);
        return even + odd;
    }

    /// <summary>As <c>std::min</c>: NaN in the first place stays.</summary>
    private static float Min(float x, float y) => y < x ? y : x;

    /// <summary>As <c>std::max</c>: NaN in the first place stays.</summary>
    private static float Max(float x, float y) => x < y ? y : x;
}
