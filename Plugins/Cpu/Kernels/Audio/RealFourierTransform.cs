using System.Numerics;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Audio;

/// <summary>
/// The discrete Fourier transform of real values over the last dimension, the last two or the last three, and back. Dimensions are cut or filled up with zeros to fft_length; of the last one, which is
/// symmetric in the spectrum, the first fft_length / 2 + 1 values are kept. The inverse divides by the number of values.
/// </summary>
[Kernel("RFFT", "IRFFT", "RFFT2D", "IRFFT2D", "RFFT3D", "IRFFT3D")]
internal sealed class RealFourierTransform : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        Tensors.Infer(node, () => Result(node.Shapes[0], Lengths(node.Constants[1]!, node.Node.Op), IsForward(node.Node.Op)), 1);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        bool isForward = IsForward(call.Node.Op);
        if (isForward && input.Type is not (DataType.Float or DataType.Double))
            throw Refuse.Type(input.Type, "float and double");
        int[] lengths = Lengths(call.Inputs[1], call.Node.Op);
        TensorShape shape = Result(input.Shape, lengths, isForward);
        return [isForward ? Forward(input, shape, lengths) : Inverse(input, shape, lengths)];
    }

    private static Tensor Forward(Tensor input, TensorShape shape, int[] lengths)
    {
        Complex[] values = Fitted(Array.ConvertAll(RealValues.ToDoubles(input), value => new Complex(value, 0)), input.Shape, lengths);
        Transform(values, lengths, isSingle: input.Type == DataType.Float);
        int kept = (lengths[^1] / 2) + 1;
        var spectrum = new Complex[checked((int)shape.ElementCount)];
        for (int i = 0; i < spectrum.Length && lengths[^1] > 0; i++)
            spectrum[i] = values[(i / kept * lengths[^1]) + (i % kept)];
        return ComplexValues.Write(input.Type == DataType.Double ? DataType.Complex128 : DataType.Complex64, shape, spectrum);
    }

    private static Tensor Inverse(Tensor input, TensorShape shape, int[] lengths)
    {
        Complex[] given = Array.ConvertAll(ComplexValues.Read(input), Complex.Conjugate);
        int[] kept = [.. lengths];
        kept[^1] = (lengths[^1] / 2) + 1;
        Complex[] half = Fitted(given, input.Shape, kept);
        bool isSingle = input.Type == DataType.Complex64;
        // Over the dimensions before the last the transform of the conjugates is the conjugate of the inverse; the last one is then completed by its symmetry, and its result is real.
        int stride = kept[^1];
        for (int axis = lengths.Length - 2; axis >= 0; axis--)
        {
            ComplexFourierTransform.Transform(half, lengths[axis], stride, isSingle);
            stride *= lengths[axis];
        }
        double[] signal = new double[checked((int)shape.ElementCount)];
        int length = lengths[^1];
        double count = lengths.Aggregate(1.0, (product, next) => product * next);
        for (int row = 0; length > 0 && row < signal.Length / length; row++)
        {
            var spectrum = new Complex[length];
            for (int i = 0; i < kept[^1] && i < length; i++)
            {
                Complex value = half[(row * kept[^1]) + i];
                spectrum[(length - i) % length] = Complex.Conjugate(value);
                spectrum[i] = i == 0 || 2 * i == length ? new(value.Real, 0) : value;
            }
            var transformed = FourierTransform.Of(spectrum, isSingle);
            for (int i = 0; i < length; i++)
                signal[(row * length) + i] = transformed[i].Real / count;
        }
        return RealValues.FromDoubles(ComplexValues.PartOf(input.Type), shape, signal);
    }

    private static void Transform(Complex[] values, int[] lengths, bool isSingle)
    {
        int stride = 1;
        for (int axis = lengths.Length - 1; axis >= 0 && values.Length > 0; axis--)
        {
            ComplexFourierTransform.Transform(values, lengths[axis], stride, isSingle);
            stride *= lengths[axis];
        }
    }

    /// <summary>The values with their last dimensions cut or filled up.</summary>
    private static Complex[] Fitted(Complex[] values, TensorShape shape, int[] lengths)
    {
        int first = shape.Rank - lengths.Length;
        long[] target = [.. shape.Dimensions.AsSpan()[..first], .. Array.ConvertAll(lengths, length => (long)length)];
        var fitted = new Complex[checked((int)Tensors.Product(target))];
        int[] strides = Strided.RowMajor(shape.Dimensions.AsSpan());
        int[] targetStrides = Strided.RowMajor(target);
        for (int i = 0; i < fitted.Length; i++)
        {
            int from = 0;
            bool isInside = true;
            for (int axis = 0; axis < target.Length && isInside; axis++)
            {
                long at = i / targetStrides[axis] % target[axis];
                isInside = at < shape[axis];
                from += (int)at * strides[axis];
            }
            fitted[i] = isInside ? values[from] : Complex.Zero;
        }
        return fitted;
    }

    private static bool IsForward(string op) => op[0] == 'R';

    private static int[] Lengths(Tensor input, string op)
    {
        int dimensions = ComplexFourierTransform.Dimensions(op);
        long[] lengths = Integers.Read(input);
        bool fits = lengths.Length == dimensions && lengths.All(length => length is >= 0 and <= int.MaxValue);
        return fits ? Array.ConvertAll(lengths, length => (int)length) : throw Refuse.Invalid($"fft_length must be a vector of {dimensions} lengths that are not negative, but has shape {input.Shape}");
    }

    private static TensorShape Result(TensorShape input, int[] lengths, bool isForward)
    {
        if (input.Rank < lengths.Length)
            throw Refuse.Invalid($"Input must have rank of at least {lengths.Length} but got: {input}");
        long[] last = Array.ConvertAll(lengths, length => (long)length);
        last[^1] = isForward ? (last[^1] / 2) + 1 : last[^1];
        return TensorShape.Of([.. input.Dimensions.AsSpan()[..^lengths.Length], .. last]);
    }
}
