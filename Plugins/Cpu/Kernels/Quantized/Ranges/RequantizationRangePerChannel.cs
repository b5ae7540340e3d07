using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Ranges;

/// <summary>One symmetric range for qint32 values whose last dimension has a range a channel, at most <c>clip_value_max</c>; from zero when no quantized value is negative.</summary>
[Kernel("RequantizationRangePerChannel")]
internal sealed class RequantizationRangePerChannel : IKernel
{
    private const float Codes32 = 2147483648;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Scalar, TensorShape.Scalar];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        QuantizedTypes.Require(input, "an input", DataType.QInt32);
        int channels = ChannelRanges.ChannelsOf(input);
        float[] magnitudes = ChannelRanges.Magnitudes(call.Inputs, 1, channels);
        long[] largest = new long[channels];
        bool hasNegative = false;
        ReadOnlySpan<int> quantized = input.AsSpan<int>();
        for (int i = 0; i < quantized.Length; i++)
        {
            largest[i % channels] = Math.Max(largest[i % channels], Math.Abs((long)quantized[i]));
            hasNegative |= quantized[i] < 0;
        }
        float end = 0;
        for (int i = 0; i < channels; i++)
            end = QuantizationRange.Larger(end, magnitudes[i] * largest[i] / Codes32);
        end = QuantizationRange.Smaller(end, call.Node.Float("clip_value_max"));
        return [Tensor.Scalar(hasNegative ? -end : 0), Tensor.Scalar(end)];
    }
}
