using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Arithmetic;

/// <summary>
/// Batch normalization of quint8 images [batch, height, width, channels] with quint8 parameters, as qint32 values of ±2^20: quantized value · scale / one + offset, all in int32, the division truncating.
/// Wraps around where a product of number and scale is above about 512.
/// </summary>
[Kernel("QuantizedBatchNormWithGlobalNormalization")]
internal sealed class QuantizedBatchNorm : IKernel
{
    private const int Parameters = 4;

    private static readonly QuantizationRange Range = QuantizationRange.Symmetric(1 << 20);

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(node.Shapes[0]);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        QuantizedTypes.Require(input, "t", DataType.QUInt8);
        QuantizedTypes.Require(call.Node, "out_type", DataType.QInt32);
        if (input.Shape.Rank != 4)
            throw Refuse.Invalid($"input must be 4-dimensional{input.Shape}");
        int channels = (int)input.Shape[3];
        float[][] parameters = [.. Enumerable.Range(1, Parameters).Select(i => Read(call.Inputs, 3 * i, channels))];
        var (scales, offsets) = Factors(call.Node, parameters);
        Tensor result = Tensor.Allocate<int>(DataType.QInt32, input.Shape, out var y);
        int[] table = Table(QuantizationRange.Read(call.Inputs, 1));
        int one = new AffineQuantizer<int>(Range).Quantize(1);
        ReadOnlySpan<byte> quantized = input.AsSpan<byte>();
        for (int i = 0; i < y.Length; i++)
            y[i] = unchecked((table[quantized[i]] * scales[i % channels] / one) + offsets[i % channels]);
        return Range.With(result);
    }

    private static float[] Read(IReadOnlyList<Tensor> inputs, int at, int channels)
    {
        Tensor parameter = inputs[at];
        QuantizedTypes.Require(parameter, $"input {at}", DataType.QUInt8);
        if (parameter.Shape.Rank != 1 || parameter.ElementCount != channels)
            throw Refuse.Invalid($"input {at} must be a vector of {channels} elements, one for each channel, but has shape {parameter.Shape}");
        var scalar = new AffineQuantizer<byte>(QuantizationRange.Read(inputs, at + 1));
        return Array.ConvertAll(parameter.AsSpan<byte>().ToArray(), scalar.Dequantize);
    }

    private static (int[] Scales, int[] Offsets) Factors(Node node, float[][] parameters)
    {
        bool isScaled = node.Bool("scale_after_normalization");
        float epsilon = node.Float("variance_epsilon");
        var scalar = new AffineQuantizer<int>(Range);
        int[] scales = new int[parameters[0].Length];
        int[] offsets = new int[scales.Length];
        for (int i = 0; i < scales.Length; i++)
        {
            float scale = 1 / MathF.Sqrt(parameters[1][i] + epsilon);
            if (isScaled)
                scale *= parameters[3][i];
            scales[i] = scalar.Quantize(scale);
            offsets[i] = scalar.Quantize((-parameters[0][i] * scale) + parameters[2][i]);
        }
        return (scales, offsets);
    }

    private static int[] Table(QuantizationRange from)
    {
        var input = new AffineQuantizer<byte>(from);
        var output = new AffineQuantizer<int>(Range);
        return [.. Enumerable.Range(0, byte.MaxValue + 1).Select(level => output.Quantize(input.Dequantize((byte)level)))];
    }
}
