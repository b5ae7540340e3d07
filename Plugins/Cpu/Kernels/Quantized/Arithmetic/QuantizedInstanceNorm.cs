using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Arithmetic;

/// <summary>Each channel of each quint8 image [batch, height, width, channels] less its mean and over its deviation; as quantized values of a given range or of the one that the result takes, at least <c>min_separation</c> wide.</summary>
[Kernel("QuantizedInstanceNorm")]
internal sealed class QuantizedInstanceNorm : IKernel
{
    private const float Levels = 255;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(node.Shapes[0]);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        QuantizedTypes.Require(input, "x", DataType.QUInt8);
        if (input.Shape.Rank != 4)
            throw Refuse.Invalid($"x must be 4-dimensional, but has shape {input.Shape}");
        var given = QuantizationRange.Read(call.Inputs, 1).Flushed;
        if (!(given.Min < given.Max))
            throw Refuse.Invalid($"input_min must be less than input_max : {given.Min} >= {given.Max}");
        float[] y = Normalize(input, given.Width / Levels, call.Node.Float("variance_epsilon"));
        QuantizationRange range = call.Node.Bool("output_range_given") ? Given(call.Node) : Found(y, call.Node.Float("min_separation"));
        Tensor result = Tensor.Allocate<byte>(DataType.QUInt8, input.Shape, out var quantized);
        var quantization = new TensorQuantization<byte>(range);
        for (int i = 0; i < quantized.Length; i++)
            quantized[i] = quantization.Apply(y[i]);
        return range.With(result);
    }

    private static QuantizationRange Given(Node node)
    {
        var range = new QuantizationRange(node.Float("given_y_min"), node.Float("given_y_max"));
        return range.Min < range.Max ? range : throw Refuse.Invalid($"given_y_min must be less than given_y_max : {range.Min} >= {range.Max}");
    }

    private static QuantizationRange Found(ReadOnlySpan<float> y, float separation)
    {
        float min = float.PositiveInfinity;
        float max = float.NegativeInfinity;
        foreach (float value in y)
        {
            min = QuantizationRange.Smaller(min, value);
            max = QuantizationRange.Larger(max, value);
        }
        return new(min, max - min < separation ? min + separation : max);
    }

    private static float[] Normalize(Tensor input, float step, float epsilon)
    {
        int channels = (int)input.Shape[3];
        int pixels = (int)(input.Shape[1] * input.Shape[2]);
        ReadOnlySpan<byte> quantized = input.AsSpan<byte>();
        float[] y = new float[quantized.Length];
        for (int i = 0; i < (int)input.Shape[0] * channels; i++)
        {
            int first = (i / channels * pixels * channels) + (i % channels);
            var (mean, variance) = Moments(quantized, first, pixels, channels);
            float factor = 1 / MathF.Sqrt((variance * (step * step)) + epsilon);
            for (int at = first, pixel = 0; pixel < pixels; pixel++, at += channels)
                y[at] = (quantized[at] - mean) * step * factor;
        }
        return y;
    }

    private static (float Mean, float Variance) Moments(ReadOnlySpan<byte> quantized, int first, int count, int stride)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
            sum += quantized[first + (i * stride)];
        float mean = (float)(sum / count);
        double squares = 0;
        for (int i = 0; i < count; i++)
        {
            double distance = quantized[first + (i * stride)] - mean;
            squares += distance * distance;
        }
        return (mean, (float)(squares / count));
    }
}
