using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Audio;

/// <summary>
/// The discrete Fourier transform of a power of two single-precision values, with the roundings of Eigen's: halves by halves down to eight values, and twiddle factors by multiplication from four to four.
/// Logarithms of spectra, as speech models take them, turn these roundings into visible differences.
/// </summary>
internal static class SingleFourierTransform
{
    private const int Leaf = 8;

    private static readonly float HalfRoot = (float)Math.Sqrt(0.5);

    /// <summary>Σ x_t·exp(-2πi·kt/n) for each k of n values, n a power of two of at least 8.</summary>
    public static void Forward(Span<Complex> values)
    {
        var singles = new Value[values.Length];
        int shift = 32 - BitOperations.Log2((uint)values.Length);
        for (int i = 0; i < singles.Length; i++)
        {
            Complex value = values[(int)(Reversed((uint)i) >> shift)];
            singles[i] = new((float)value.Real, (float)value.Imaginary);
        }
        Transform(singles);
        for (int i = 0; i < singles.Length; i++)
            values[i] = new(singles[i].Real, singles[i].Imaginary);
    }

    /// <summary>True for a number of values that <see cref="Forward"/> takes.</summary>
    public static bool Takes(int count) => count >= Leaf && BitOperations.IsPow2(count);

    private static uint Reversed(uint index)
    {
        uint reversed = 0;
        for (int bit = 0; bit < 32; bit++)
            reversed |= ((index >> bit) & 1) << (31 - bit);
        return reversed;
    }

    private static void Transform(Span<Value> values)
    {
        if (values.Length == Leaf)
        {
            TransformEight(values);
            return;
        }
        int half = values.Length / 2;
        Transform(values[..half]);
        Transform(values[half..]);
        Merge(values[..half], values[half..]);
    }

    private static void Merge(Span<Value> even, Span<Value> odd)
    {
        const int Step = 4;
        double angle = Math.PI / (2 * even.Length);
        double sine = Math.Sin(angle);
        var root = new Value((float)(-2 * sine * sine) + 1f, (float)-Math.Sin(2 * angle));
        Value second = root * root;
        Value third = second * root;
        Value fourth = third * root;
        var twiddle = new Value(1, 0);
        Span<Value> terms = stackalloc Value[Step];
        for (int i = 0; i < even.Length; i += Step)
        {
            terms[0] = odd[i] * twiddle;
            terms[1] = odd[i + 1] * twiddle * root;
            terms[2] = odd[i + 2] * twiddle * second;
            terms[3] = odd[i + 3] * twiddle * third;
            twiddle *= fourth;
            for (int k = 0; k < Step; k++)
            {
                odd[i + k] = even[i + k] - terms[k];
                even[i + k] += terms[k];
            }
        }
    }

    private static void TransformEight(Span<Value> x)
    {
        Value a = x[0] + x[1], b = x[0] - x[1], c = x[2] + x[3], d = (x[2] - x[3]).Turned;
        Value e = x[4] + x[5], f = x[4] - x[5], g = x[6] + x[7], h = (x[6] - x[7]).Turned;
        Value first = a + c, second = b + d, third = a - c, fourth = b - d;
        Value fifth = e + g, sixth = (f + h) * new Value(HalfRoot, -HalfRoot), seventh = (e - g).Turned, eighth = (f - h) * new Value(-HalfRoot, -HalfRoot);
        x[0] = first + fifth;
        x[1] = second + sixth;
        x[2] = third + seventh;
        x[3] = fourth + eighth;
        x[4] = first - fifth;
        x[5] = second - sixth;
        x[6] = third - seventh;
        x[7] = fourth - eighth;
    }

    private readonly record struct Value(float Real, float Imaginary)
    {
        /// <summary>The value times -i.</summary>
        public Value Turned => new(Imaginary, -Real);

        public static Value operator +(Value x, Value y) => new(x.Real + y.Real, x.Imaginary + y.Imaginary);

        public static Value operator -(Value x, Value y) => new(x.Real - y.Real, x.Imaginary - y.Imaginary);

        public static Value operator *(Value x, Value y) => new((x.Real * y.Real) - (x.Imaginary * y.Imaginary), (x.Real * y.Imaginary) + (x.Imaginary * y.Real));
    }
}
