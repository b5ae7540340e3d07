using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Pooling;

/// <summary>The largest quantized value of each window; what is outside of the image does not count.</summary>
[Kernel("QuantizedMaxPool")]
internal sealed class QuantizedMaxPool : IKernel
{
    private const byte SignBit = 128;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(QuantizedPoolings.Infer(node.Node, node.Shapes[0]));

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        QuantizedTypes.Require(input, "an input", DataType.QUInt8, DataType.QInt8);
        byte order = input.Type == DataType.QInt8 ? SignBit : (byte)0;
        var pooling = QuantizedPoolings.Of(call.Node, input.Shape);
        byte[] largest = new byte[pooling.Shape.ElementCount];
        Array.Fill(largest, order);
        ReadOnlyMemory<byte> source = input.Bytes;
        int columns = pooling.Channels / pooling.Depth;
        pooling.ForEachPixel((result, pixel) =>
            Raise(largest.AsSpan(result * columns, columns), source.Span.Slice(pixel * pooling.Channels, pooling.Channels), pooling.Depth, order));
        return QuantizationRange.Read(call.Inputs, 1).With(Tensor.FromContent(input.Type, pooling.Shape, largest));
    }

    /// <param name="largest">The largest so far.</param>
    /// <param name="pixel">Values of a pixel.</param>
    /// <param name="depth">Channels of a window.</param>
    /// <param name="order">What makes the order of bytes that of the values: the sign bit of qint8, nothing of quint8.</param>
    private static void Raise(Span<byte> largest, ReadOnlySpan<byte> pixel, int depth, byte order)
    {
        for (int i = 0; i < pixel.Length; i++)
            largest[i / depth] = (byte)(Math.Max(largest[i / depth] ^ order, pixel[i] ^ order) ^ order);
    }
}
