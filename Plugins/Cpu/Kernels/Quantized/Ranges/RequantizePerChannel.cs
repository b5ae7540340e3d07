using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Ranges;

/// <summary>qint32 values whose last dimension has a range a channel to 8-bit values of one requested range; ties to even. The ranges count by their largest magnitude.</summary>
[Kernel("RequantizePerChannel")]
internal sealed class RequantizePerChannel : IKernel
{
    private const float Codes32 = 2147483648;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(node.Shapes[0]);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        QuantizedTypes.Require(input, "an input", DataType.QInt32);
        QuantizedTypes.Require(call.Node, "out_type", DataType.QUInt8, DataType.QInt8);
        bool isSigned = call.Node.Type("out_type") == DataType.QInt8;
        float[] magnitudes = ChannelRanges.Magnitudes(call.Inputs, 1, ChannelRanges.ChannelsOf(input));
        var requested = QuantizationRange.Read(call.Inputs, 3);
        float target = requested.Flushed.Magnitude;
        float highest = isSigned ? 127 : 255;
        float[] scales = [.. magnitudes.Select(magnitude => highest * (magnitude / target) / Codes32)];
        ReadOnlySpan<int> quantized = input.AsSpan<int>();
        float[] requantized = new float[quantized.Length];
        for (int i = 0; i < requantized.Length; i++)
            requantized[i] = MathF.Round(quantized[i] * scales[i % scales.Length]);
        return requested.With(ChannelRanges.Saturate(requantized, input.Shape, isSigned ? DataType.QInt8 : DataType.QUInt8, isSigned ? -128 : 0, highest));
    }
}
