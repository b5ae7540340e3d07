using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>A function of a packet of floats.</summary>
internal interface IPacketFunction
{
    static abstract Vector256<float> Apply(Vector256<float> x);
}

/// <summary>The functions of <see cref="PacketMath"/> for a whole packet at once: the same operations in the same order, so the same bits.</summary>
internal static class PacketVectors
{
    /// <summary>Applies a function to whole packets, denormals as zero before and after it.</summary>
    public static void Map<TFunction>(ReadOnlySpan<float> x, Span<float> y)
        where TFunction : struct, IPacketFunction
    {
        for (int i = 0; i < x.Length; i += PacketMath.Width)
            Flush(TFunction.Apply(Flush(Vector256.Create(x.Slice(i, PacketMath.Width))))).CopyTo(y[i..]);
    }

    /// <summary>Zeros of the same sign for denormals, everything else unchanged.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Flush(Vector256<float> values) =>
        Vector256.ConditionalSelect(Vector256.LessThan(Vector256.Abs(values), Vector256.Create(Denormals.SmallestNormal)), values & Vector256.Create(-0f), values);

    /// <inheritdoc cref="PacketMath.Exp"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        Vector256<float> clamped = Max(Min(x, Vector256.Create(88.3762626647950f)), Vector256.Create(-88.3762626647949f));
        Vector256<float> m = Vector256.Floor((clamped * 1.44269504088896341f) + Vector256.Create(0.5f));
        Vector256<float> r = clamped - (m * 0.693359375f);
        r -= m * -2.12194440e-4f;
        Vector256<float> y = Vector256.Create(1.9875691500e-4f);
        y = (y * r) + Vector256.Create(1.3981999507e-3f);
        y = (y * r) + Vector256.Create(8.3334519073e-3f);
        y = (y * r) + Vector256.Create(4.1665795894e-2f);
        y = (y * r) + Vector256.Create(1.6666665459e-1f);
        y = (y * r) + Vector256.Create(5.0000001201e-1f);
        y = (y * (r * r)) + r;
        y += Vector256<float>.One;
        Vector256<float> power = Vector256.ShiftLeft(Vector256.ConvertToInt32(m) + Vector256.Create(127), 23).AsSingle();
        power = Vector256.ConditionalSelect(Vector256.Equals(m, m), power, m);
        return Max(Flush(y * power), x);
    }

    /// <inheritdoc cref="PacketMath.Tanh"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Tanh(Vector256<float> x)
    {
        Vector256<float> clamped = Max(Min(x, Vector256.Create(9f)), Vector256.Create(-9f));
        Vector256<float> square = clamped * clamped;
        Vector256<float> p = (square * -2.76076847742355e-16f) + Vector256.Create(2.00018790482477e-13f);
        p = (square * p) + Vector256.Create(-8.60467152213735e-11f);
        p = (square * p) + Vector256.Create(5.12229709037114e-08f);
        p = (square * p) + Vector256.Create(1.48572235717979e-05f);
        p = (square * p) + Vector256.Create(6.37261928875436e-04f);
        p = (square * p) + Vector256.Create(4.89352455891786e-03f);
        p *= clamped;
        Vector256<float> q = (square * 1.19825839466702e-06f) + Vector256.Create(1.18534705686654e-04f);
        q = (square * q) + Vector256.Create(2.26843463243900e-03f);
        q = (square * q) + Vector256.Create(4.89352518554385e-03f);
        return Flush(p / q);
    }

    /// <inheritdoc cref="PacketMath.Logistic"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Logistic(Vector256<float> x)
    {
        Vector256<float> clamped = Max(Min(x, Vector256.Create(18f)), Vector256.Create(-18f));
        Vector256<float> square = clamped * clamped;
        Vector256<float> p = (square * 4.37031012579801e-11f) + Vector256.Create(1.15627324459942e-07f);
        p = (square * p) + Vector256.Create(6.08574864600143e-05f);
        p = (square * p) + Vector256.Create(8.51377133304701e-03f);
        p = (square * p) + Vector256.Create(2.48287947061529e-01f);
        p *= clamped;
        Vector256<float> q = (square * 6.10247389755681e-13f) + Vector256.Create(5.76102136993427e-09f);
        q = (square * q) + Vector256.Create(6.29106785017040e-06f);
        q = (square * q) + Vector256.Create(1.70198817374094e-03f);
        q = (square * q) + Vector256.Create(1.16817656904453e-01f);
        q = (square * q) + Vector256.Create(9.93151921023180e-01f);
        return Max(Min((p / q) + Vector256.Create(0.5f), Vector256<float>.One), Vector256<float>.Zero);
    }

    /// <inheritdoc cref="PacketMath.Erf"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Erf(Vector256<float> x)
    {
        Vector256<float> clamped = Max(Min(x, Vector256.Create(4f)), Vector256.Create(-4f));
        Vector256<float> square = clamped * clamped;
        Vector256<float> p = (square * -2.72614225801306e-10f) + Vector256.Create(2.77068142495902e-08f);
        p = (square * p) + Vector256.Create(-2.10102402082508e-06f);
        p = (square * p) + Vector256.Create(-5.69250639462346e-05f);
        p = (square * p) + Vector256.Create(-7.34990630326855e-04f);
        p = (square * p) + Vector256.Create(-2.95459980854025e-03f);
        p = (square * p) + Vector256.Create(-1.60960333262415e-02f);
        p *= clamped;
        Vector256<float> q = (square * -1.45660718464996e-05f) + Vector256.Create(-2.13374055278905e-04f);
        q = (square * q) + Vector256.Create(-1.68282697438203e-03f);
        q = (square * q) + Vector256.Create(-7.37332916720468e-03f);
        q = (square * q) + Vector256.Create(-1.42647390514189e-02f);
        return Flush(p / q);
    }

    /// <summary>eˣ of whole packets in their place, denormals as zero.</summary>
    public static void Exp(Span<float> values)
    {
        for (int i = 0; i < values.Length; i += PacketMath.Width)
            Exp(Flush(Vector256.Create((ReadOnlySpan<float>)values.Slice(i, PacketMath.Width)))).CopyTo(values[i..]);
    }

    /// <summary>As <c>std::min</c>: NaN in the first place stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Min(Vector256<float> x, Vector256<float> y) => Vector256.ConditionalSelect(Vector256.LessThan(y, x), y, x);

    /// <summary>As <c>std::max</c>: NaN in the first place stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Max(Vector256<float> x, Vector256<float> y) => Vector256.ConditionalSelect(Vector256.LessThan(x, y), y, x);
}
