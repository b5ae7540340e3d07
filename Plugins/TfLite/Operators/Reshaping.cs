using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Operators that keep the elements and their order.
/// <code>
/// RESHAPE(x, shape) | RESHAPE(x) {new_shape}   ↔   Reshape(x, shape)
/// SQUEEZE(x) {squeeze_dims}                    ↔   Squeeze(x) {squeeze_dims}
/// EXPAND_DIMS(x, axis)                         ↔   ExpandDims(x, axis)
/// SHAPE(x), RANK(x)                            ↔   Shape(x), Rank(x)
/// </code>
/// </summary>
[OperatorConverter("RESHAPE", "STABLEHLO_RESHAPE", "SQUEEZE", "EXPAND_DIMS", "SHAPE", "RANK", "BITCAST", "CAST")]
internal sealed class Reshaping : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        switch (op.Name)
        {
            case "SQUEEZE":
                op.Result(op.Node("Squeeze", [op.Real(0)], ("squeeze_dims", AttributeValue.Ints([.. op.Options.Ints("squeeze_dims").Select(axis => (long)axis)]))), isExact: true);
                break;
            case "EXPAND_DIMS":
                op.Result(op.Node("ExpandDims", [op.Real(0), op.Stored(1)]), isExact: true);
                break;
            case "SHAPE":
                op.Result(op.Node("Shape", [op.Real(0)], ("out_type", op.Output().Tensor.Type.ToGraph())));
                break;
            case "RANK":
                op.Result(op.Node("Rank", [op.Real(0)]));
                break;
            case "CAST":
                op.Result(op.Node("Cast", [op.Stored(0)], ("DstT", op.Output().Tensor.Type.ToGraph())));
                break;
            case "BITCAST":
                op.Result(op.Node("Bitcast", [op.Stored(0)], ("type", op.Output().Tensor.Type.ToGraph())));
                break;
            default:
                op.Result(op.Node("Reshape", [op.Real(0), Shape(op)]), isExact: true);
                break;
        }
    }

    private static Value Shape(OperatorReader op)
    {
        if (op.Has(1) && op.Name == "RESHAPE" && IsShape(op))
            return op.Stored(1);
        int[] stated = op.Options.Present.ContainsKey("new_shape") ? op.Options.Ints("new_shape") : [.. op.Output().Tensor.Shape];
        return op.Graph.Integers(stated is [0] ? [] : stated);
    }

    /// <summary>Old files have a scalar or nothing where the shape should be.</summary>
    private static bool IsShape(OperatorReader op) => op.Input(1).Tensor is { Type: TensorType.Int32 or TensorType.Int64, Shape.Length: 1 } shape && (op.Input(1).Constant is null || shape.Shape[0] > 0 || op.Output().Tensor.Shape.IsEmpty);
}
