using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Audio;

/// <summary>The discrete Fourier transform.</summary>
internal static class FourierTransform
{
    /// <summary>Values up to which sums as they are written cost no more than three transforms of a power of two.</summary>
    private const int MostDirect = 64;

    /// <summary>Σ x_t·exp(-2πi·kt/n) for each k of any number n of values, which may be overwritten.</summary>
    /// <param name="values">The values.</param>
    /// <param name="isSingle">True for values of single precision.</param>
    public static Complex[] Of(Complex[] values, bool isSingle)
    {
        if (isSingle && SingleFourierTransform.Takes(values.Length))
        {
            SingleFourierTransform.Forward(values);
            return values;
        }
        if (!BitOperations.IsPow2(values.Length))
            return values.Length <= MostDirect ? Directly(values) : ByConvolution(values);
        Forward(values);
        return values;
    }

    /// <summary>A power-of-two number of values in place, by Cooley and Tukey's radix-2 algorithm.</summary>
    public static void Forward(Span<Complex> values)
    {
        for (int i = 1, reversed = 0; i < values.Length; i++)
        {
            int bit = values.Length >> 1;
            for (; (reversed & bit) != 0; bit >>= 1)
                reversed ^= bit;
            reversed |= bit;
            if (i < reversed)
                (values[i], values[reversed]) = (values[reversed], values[i]);
        }
        for (int length = 2; length <= values.Length; length <<= 1)
        {
            for (int k = 0; k < length / 2; k++)
            {
                Complex twiddle = Complex.FromPolarCoordinates(1, -2 * Math.PI * k / length);
                for (int start = k; start < values.Length; start += length)
                {
                    Complex odd = values[start + (length / 2)] * twiddle;
                    values[start + (length / 2)] = values[start] - odd;
                    values[start] += odd;
                }
            }
        }
    }

    private static Complex[] Directly(Complex[] values)
    {
        var result = new Complex[values.Length];
        for (int k = 0; k < result.Length; k++)
        {
            for (int i = 0; i < values.Length; i++)
                result[k] += values[i] * Complex.FromPolarCoordinates(1, -2 * Math.PI * ((long)k * i % values.Length) / values.Length);
        }
        return result;
    }

    /// <summary>Any number of values in n·log n, since kt = (k² + t² − (k − t)²) / 2 makes the sum a convolution. Source: Bluestein, A linear filtering approach to the computation of the discrete Fourier transform, 1970.</summary>
    private static Complex[] ByConvolution(Complex[] values)
    {
        int count = values.Length;
        int length = checked((int)BitOperations.RoundUpToPowerOf2(checked((uint)((2L * count) - 1))));
        var chirp = new Complex[count];
        for (int i = 0; i < count; i++)
            chirp[i] = Complex.FromPolarCoordinates(1, -Math.PI * ((long)i * i % (2L * count)) / count);
        var factors = new Complex[length];
        var filter = new Complex[length];
        for (int i = 0; i < count; i++)
        {
            factors[i] = values[i] * chirp[i];
            filter[i] = filter[(length - i) % length] = Complex.Conjugate(chirp[i]);
        }
        Forward(factors);
        Forward(filter);
        for (int i = 0; i < length; i++)
            factors[i] = Complex.Conjugate(factors[i] * filter[i]);
        Forward(factors);
        for (int i = 0; i < count; i++)
            values[i] = Complex.Conjugate(factors[i]) * chirp[i] / length;
        return values;
    }
}
