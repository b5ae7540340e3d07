using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// QUANTIZE, DEQUANTIZE and FAKE_QUANT. Half-precision constants become <c>Cast(Const)</c>; quantized tensors are converted where they are read
/// (<see cref="TensorViews"/>), so that QUANTIZE and DEQUANTIZE only hand values on.
/// </summary>
[OperatorConverter("QUANTIZE", "DEQUANTIZE", "FAKE_QUANT", Nodes = ["QuantizeV2", "Dequantize", "FakeQuantWithMinMaxArgs", "FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsPerChannel", "QuantizeAndDequantizeV2", "Const"])]
internal sealed class Quantizing : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        switch (op.Name)
        {
            case "QUANTIZE" when op.Output().Tensor is { Type: TensorType.Int32, Quantization: { IsPerTensor: true } quantization }:
                Value levels = op.Node("Round", [op.Node("RealDiv", [op.Real(0), op.Graph.Constant(quantization.Scale)])]);
                op.Result(op.Node("Cast", [op.Node("AddV2", [levels, op.Graph.Constant((float)quantization.ZeroPoint)])], ("DstT", DataType.Int32)));
                break;
            case "QUANTIZE" when op.Input(0).Constant is { Type: DataType.Float } real && op.Output().Tensor is { Type: TensorType.Int8 or TensorType.UInt8, Quantization: { IsPerTensor: true } range }:
                op.Output().DefineConstant(Quantized(real, range, op.Output().Tensor.Type));
                break;
            case "QUANTIZE":
                op.Result(Real(op), isExact: true);
                break;
            case "DEQUANTIZE":
                Value value = Real(op);
                op.Output().Origin = op.Input(0).Constant is null ? null : op.Input(0);
                op.Result(value.Type == DataType.Float ? value : op.Node("Cast", [value], ("DstT", DataType.Float)));
                break;
            default:
                op.Result(op.Node("FakeQuantWithMinMaxArgs", [op.Real(0)], ("min", op.Options.Real("min")), ("max", op.Options.Real("max")),
                    ("num_bits", op.Options.Int("num_bits")), ("narrow_range", op.Options.Flag("narrow_range"))));
                break;
        }
    }

    public override void Write(NodeWriter node)
    {
        switch (node.Node.Op)
        {
            case "Const":
                node.Out(QuantizedConversions.Constant(node));
                break;
            case "QuantizeV2":
                DataType type = node.Node.Type("T");
                node.Out(QuantizedConversions.Quantize(node, node.In(0), QuantizedConversions.Range(node, NodeInput.Data(node.Node.Name), type), type));
                break;
            case "Dequantize":
                QuantizedConversions.WriteDequantize(node);
                break;
            case "QuantizeAndDequantizeV2":
                FakeQuantWriter.WriteSymmetric(node);
                break;
            default:
                FakeQuantWriter.Write(node);
                break;
        }
    }

    /// <summary>Real values of the input, of 32 bits too.</summary>
    private static Value Real(OperatorReader op)
    {
        if (op.Input(0).Tensor is not { Type: TensorType.Int32, Quantization: { IsPerTensor: true } range })
            return op.Real(0);
        Value levels = op.Node("Cast", [op.Stored(0)], ("DstT", DataType.Float));
        if (range.ZeroPoint != 0)
            levels = op.Node("Sub", [levels, op.Graph.Constant((float)range.ZeroPoint)]);
        return op.Node("Mul", [levels, op.Graph.Constant(range.Scale)]);
    }

    private static Tensor Quantized(Tensor real, TfLiteQuantization range, TensorType type)
    {
        Tensor result = Tensor.Allocate<byte>(type.ToGraph(), real.Shape, out var elements);
        (int least, int most) = type == TensorType.UInt8 ? (0, 255) : (-128, 127);
        ReadOnlySpan<float> values = real.AsSpan<float>();
        for (int i = 0; i < elements.Length; i++)
            elements[i] = unchecked((byte)(int)Math.Clamp(Math.Round(values[i] / range.Scale, MidpointRounding.AwayFromZero) + range.ZeroPoint, least, most));
        return result;
    }
}
