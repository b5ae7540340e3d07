using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Gemm;

/// <summary>
/// Convolution of quint8 values less their zero points, as the reference kernel of TensorFlow: windows of VALID do not start at 0 but share what is left over, and in a range so far below zero
/// that the zero point is above 255 the padding is that zero point's low byte. A qint8 filter makes it the op of oneDNN builds.
/// </summary>
[Kernel("QuantizedConv2D")]
internal sealed class QuantizedConv2D : IKernel
{
    private readonly FusedConvolution fused = new();

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        node.Node.Type("Tfilter") == DataType.QInt8 ? fused.InferShapes(node) : QuantizedTypes.Shapes(QuantizedConvolutions.Infer(node, Window));

    public Tensor[] Compute(KernelCall call)
    {
        if (call.Inputs[1].Type == DataType.QInt8)
            return fused.Compute(call);
        Tensor input = call.Inputs[0];
        Tensor filter = call.Inputs[1];
        QuantizedTypes.Require(input, "an input", DataType.QUInt8);
        QuantizedTypes.Require(filter, "a filter", DataType.QUInt8, DataType.QInt8);
        QuantizedTypes.Require(call.Node, "out_type", DataType.QInt32);
        if (call.Node.Longs("dilations").Any(dilation => dilation != 1))
            throw Refuse.Invalid("Current implementation only supports dilated rate as 1 in the row and column dimensions.");
        IntegerConvolution convolution = QuantizedConvolutions.Of(call.Node, input.Shape, filter.Shape, Window);
        if (convolution.Batch == 0 || input.ElementCount == 0 || filter.ElementCount == 0)
            throw Refuse.Invalid($"input and filter must not be empty, but have shapes {input.Shape} and {filter.Shape}");
        var inputRange = QuantizationRange.Read(call.Inputs, 2);
        var filterRange = QuantizationRange.Read(call.Inputs, 4);
        int inputZero = new AffineQuantizer<byte>(inputRange).ZeroPoint;
        int filterZero = new AffineQuantizer<byte>(filterRange).ZeroPoint;
        int padding = inputZero > byte.MaxValue ? (byte)inputZero - inputZero : 0;
        Tensor result = Tensor.Allocate<int>(DataType.QInt32, convolution.Shape, out var accumulators);
        convolution.Multiply(QuantizedTypes.Centered(input, inputZero), QuantizedTypes.Centered(filter, filterZero), padding, accumulators, call.Cancellation);
        return GemmResultRange.Of(inputRange, filterRange).With(result);
    }

    /// <summary>The window along one dimension.</summary>
    public static Window Window(string padding, long input, long size, long stride, long dilation)
    {
        Window plain = Kernels.Window.Of(padding, input, size, stride);
        long excess = ((plain.Output - 1) * stride) + size - input;
        return plain with { Before = (padding == "SAME" ? excess : excess + 1) / 2 };
    }
}
