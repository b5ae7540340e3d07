using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Pooling;

/// <summary>The mean of the quantized values of each window that are in the image: of quint8 truncated, as the plain kernel does, of qint8 rounded, ties to even, as oneDNN does, which alone has it.</summary>
[Kernel("QuantizedAvgPool")]
internal sealed class QuantizedAvgPool : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(QuantizedPoolings.Infer(node.Node, node.Shapes[0]));

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        QuantizedTypes.Require(input, "an input", DataType.QUInt8, DataType.QInt8);
        bool isSigned = input.Type == DataType.QInt8;
        var pooling = QuantizedPoolings.Of(call.Node, input.Shape);
        if (pooling.Depth > 1)
            throw Refuse.Unimplemented("Non-spatial pooling is not yet supported.");
        int channels = pooling.Channels;
        int[] accumulators = new int[pooling.Shape.ElementCount];
        int[] counts = new int[channels == 0 ? 0 : accumulators.Length / channels];
        ReadOnlyMemory<byte> source = input.Bytes;
        pooling.ForEachPixel((result, pixel) =>
        {
            if (channels > 0)
                counts[result]++;
            Add(accumulators.AsSpan(result * channels, channels), source.Span.Slice(pixel * channels, channels), isSigned);
        });
        Tensor means = isSigned ? Rounded(accumulators, counts, pooling) : Truncated(accumulators, counts, pooling);
        return QuantizationRange.Read(call.Inputs, 1).With(means);
    }

    private static Tensor Truncated(int[] accumulators, int[] counts, QuantizedPoolings pooling)
    {
        Tensor means = Tensor.Allocate<byte>(DataType.QUInt8, pooling.Shape, out var elements);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = (byte)(accumulators[i] / Math.Max(counts[i / pooling.Channels], 1));
        return means;
    }

    private static Tensor Rounded(int[] accumulators, int[] counts, QuantizedPoolings pooling)
    {
        Tensor means = Tensor.Allocate<sbyte>(DataType.QInt8, pooling.Shape, out var elements);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = (sbyte)MathF.Round((float)accumulators[i] / Math.Max(counts[i / pooling.Channels], 1));
        return means;
    }

    private static void Add(Span<int> accumulators, ReadOnlySpan<byte> pixel, bool isSigned)
    {
        for (int i = 0; i < accumulators.Length; i++)
            accumulators[i] += isSigned ? (sbyte)pixel[i] : pixel[i];
    }
}
