using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Pooling;

/// <summary>The largest quantized value of each window; what lies outside of the image does not count.</summary>
[Kernel("QuantizedMaxPool")]
internal sealed class QuantizedMaxPool : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(QuantizedPoolings.Infer(node.Node, node.Shapes[0]));

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        QuantizedTypes.Require(input, "an input", DataType.QUInt8);
        var pooling = QuantizedPoolings.Of(call.Node, input.Shape);
        byte[] codes = new byte[pooling.Shape.ElementCount];
        ReadOnlyMemory<byte> source = input.Bytes;
        int columns = pooling.Channels / pooling.Depth;
        pooling.ForEachPixel((result, pixel) =>
            Raise(codes.AsSpan(result * columns, columns), source.Span.Slice(pixel * pooling.Channels, pooling.Channels), pooling.Depth));
        return QuantizationRange.Read(call.Inputs, 1).With(Tensor.FromContent(DataType.QUInt8, pooling.Shape, codes));
    }

    private static void Raise(Span<byte> largest, ReadOnlySpan<byte> pixel, int depth)
    {
        for (int i = 0; i < pixel.Length; i++)
            largest[i / depth] = Math.Max(largest[i / depth], pixel[i]);
    }
}
