using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Classic;

/// <summary>The nodes that the passes of quantize_nodes are made of.</summary>
internal static class EightBitNodes
{
    public const string MinFirst = "MIN_FIRST";

    /// <summary>Output number of a node as an input entry with its port written out, as the original spells it.</summary>
    public static NodeInput Output(string node, int port) => new(string.Create(CultureInfo.InvariantCulture, $"{node}:{port}"));

    public static Node Quantize(string name, DataType type, params ReadOnlySpan<NodeInput> inputs) =>
        new Node(name, "QuantizeV2", inputs).With("T", type).With("mode", MinFirst);

    /// <summary>Back to float, of the three outputs of a quantized node.</summary>
    public static Node Dequantize(string name, string quantized) => Dequantize(name, Output(quantized, 0), Output(quantized, 1), Output(quantized, 2));

    public static Node Dequantize(string name, params ReadOnlySpan<NodeInput> inputs) =>
        new Node(name, "Dequantize", inputs).With("T", DataType.QUInt8).With("mode", MinFirst);

    /// <summary>From 32 to 8 bits.</summary>
    public static Node Requantize(string name, string quantized, NodeInput min, NodeInput max) =>
        new Node(name, "Requantize", Output(quantized, 0), Output(quantized, 1), Output(quantized, 2), min, max).With("Tinput", DataType.QInt32).With("out_type", DataType.QUInt8);

    public static Node Scalar(string name, float value) => Node.Constant(name, Tensor.Scalar(value));
}
