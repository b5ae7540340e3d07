using System.Numerics;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Audio;

/// <summary>
/// The discrete Fourier transform of rows of real numbers, and back. Rows are cut or filled up with zeros to fft_length; of the spectrum, which is symmetric, the first fft_length / 2 + 1 values are
/// kept. The inverse divides by fft_length.
/// </summary>
[Kernel("RFFT", "IRFFT")]
internal sealed class RealFourierTransform : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        Tensors.Infer(node, () => Result(node.Shapes[0], Length(node.Constants[1]!), node.Node.Op == "RFFT"), 1);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        bool isForward = call.Node.Op == "RFFT";
        if (input.Type != (isForward ? DataType.Float : DataType.Complex64))
            throw Refuse.Type(input.Type, isForward ? "float" : "complex64");
        int length = Length(call.Inputs[1]);
        TensorShape shape = Result(input.Shape, length, isForward);
        int size = (int)input.Shape[input.Shape.Rank - 1];
        return [isForward ? Forward(input, shape, size, length) : Inverse(input, shape, size, length)];
    }

    private static Tensor Forward(Tensor input, TensorShape shape, int size, int length)
    {
        ReadOnlySpan<float> values = input.AsSpan<float>();
        Tensor result = Tensor.Allocate<(float Real, float Imaginary)>(DataType.Complex64, shape, out var spectrum);
        int kept = (length / 2) + 1;
        for (int row = 0; row < spectrum.Length / kept; row++)
        {
            var signal = new Complex[length];
            for (int i = 0; i < Math.Min(size, length); i++)
                signal[i] = values[(row * size) + i];
            var transformed = FourierTransform.Of(signal);
            for (int i = 0; i < kept && i < length; i++)
                spectrum[(row * kept) + i] = ((float)transformed[i].Real, (float)transformed[i].Imaginary);
        }
        return result;
    }

    private static Tensor Inverse(Tensor input, TensorShape shape, int size, int length)
    {
        ReadOnlySpan<(float Real, float Imaginary)> values = input.AsSpan<(float, float)>();
        Tensor result = Tensor.Allocate<float>(DataType.Float, shape, out var signal);
        for (int row = 0; length > 0 && row < signal.Length / length; row++)
        {
            // The transform of the conjugates is the conjugate of the inverse transform, whose result is real.
            var spectrum = new Complex[length];
            for (int i = 0; i < Math.Min(size, (length / 2) + 1); i++)
            {
                var (real, imaginary) = values[(row * size) + i];
                spectrum[(length - i) % length] = new(real, imaginary);
                spectrum[i] = new(real, i == 0 || 2 * i == length ? 0 : -imaginary);
            }
            var transformed = FourierTransform.Of(spectrum);
            for (int i = 0; i < length; i++)
                signal[(row * length) + i] = (float)(transformed[i].Real / length);
        }
        return result;
    }

    private static int Length(Tensor input)
    {
        long[] lengths = Integers.Read(input);
        return lengths is [>= 0 and <= int.MaxValue] ? (int)lengths[0] : throw Refuse.Invalid($"fft_length must be a vector of one length that is not negative, but has shape {input.Shape}");
    }

    private static TensorShape Result(TensorShape input, int length, bool isForward) => input.Rank < 1
        ? throw Refuse.Invalid($"Input must have rank of at least 1 but got: {input}")
        : TensorShape.Of([.. input.Dimensions.AsSpan()[..^1], isForward ? (length / 2) + 1 : length]);
}
