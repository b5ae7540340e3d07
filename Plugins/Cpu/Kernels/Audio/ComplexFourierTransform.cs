using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Audio;

/// <summary>The discrete Fourier transform over the last dimension, the last two or the last three, and back; the inverse divides by the number of values.</summary>
[Kernel("FFT", "IFFT", "FFT2D", "IFFT2D", "FFT3D", "IFFT3D", "BatchFFT", "BatchIFFT", "BatchFFT2D", "BatchIFFT2D", "BatchFFT3D", "BatchIFFT3D")]
internal sealed class ComplexFourierTransform : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        int dimensions = Dimensions(call.Node.Op);
        if (input.Shape.Rank < dimensions)
            throw Refuse.Invalid($"Input must have rank of at least {dimensions} but got: {input.Shape}");
        bool isInverse = call.Node.Op.Contains("IFFT", StringComparison.Ordinal);
        Complex[] values = Read(input, isInverse);
        int count = 1;
        for (int axis = input.Shape.Rank - 1; axis >= input.Shape.Rank - dimensions; axis--)
        {
            int length = (int)input.Shape[axis];
            Transform(values, length, count, isSingle: input.Type == DataType.Complex64);
            count *= length;
        }
        return [Write(input, values, isInverse ? count : 1, isInverse)];
    }

    /// <summary>Dimensions that an op transforms.</summary>
    internal static int Dimensions(string op) => op[^1] == 'D' ? op[^2] - '0' : 1;

    /// <summary>Transforms each run of values that are a stride apart; runs are beside each other within blocks.</summary>
    internal static void Transform(Complex[] values, int length, int stride, bool isSingle)
    {
        var run = new Complex[length];
        for (int start = 0; start < values.Length; start += (start + 1) % stride == 0 ? (length * stride) - stride + 1 : 1)
        {
            for (int i = 0; i < length; i++)
                run[i] = values[start + (i * stride)];
            Complex[] transformed = FourierTransform.Of(run, isSingle);
            for (int i = 0; i < length; i++)
                values[start + (i * stride)] = transformed[i];
        }
    }

    // The inverse is the conjugate of the transform of the conjugates.
    private static Complex[] Read(Tensor input, bool conjugates) => conjugates ? Array.ConvertAll(ComplexValues.Read(input), Complex.Conjugate) : ComplexValues.Read(input);

    private static Tensor Write(Tensor input, Complex[] values, int divisor, bool conjugates) =>
        ComplexValues.Write(input.Type, input.Shape, Array.ConvertAll(values, value => (conjugates ? Complex.Conjugate(value) : value) / divisor));
}
