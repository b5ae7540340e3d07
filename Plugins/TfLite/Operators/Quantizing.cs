using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// QUANTIZE, DEQUANTIZE and FAKE_QUANT. Half-precision constants become <c>Cast(Const)</c>; quantized tensors are converted where they are read
/// (<see cref="TensorViews"/>), so that QUANTIZE and DEQUANTIZE only hand values on.
/// </summary>
[OperatorConverter("QUANTIZE", "DEQUANTIZE", "FAKE_QUANT")]
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
            case "QUANTIZE":
                op.Result(op.Real(0), isExact: true);
                break;
            case "DEQUANTIZE":
                Value value = op.Real(0);
                op.Result(value.Type == DataType.Float ? op.Node("Identity", [value]) : op.Node("Cast", [value], ("DstT", DataType.Float)));
                break;
            default:
                op.Result(op.Node("FakeQuantWithMinMaxArgs", [op.Real(0)], ("min", op.Options.Real("min")), ("max", op.Options.Real("max")),
                    ("num_bits", op.Options.Int("num_bits")), ("narrow_range", op.Options.Flag("narrow_range"))));
                break;
        }
    }
}
