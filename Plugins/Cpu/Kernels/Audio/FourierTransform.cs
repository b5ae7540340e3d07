using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Audio;

/// <summary>The discrete Fourier transform.</summary>
internal static class FourierTransform
{
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
            return Directly(values);
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
}
