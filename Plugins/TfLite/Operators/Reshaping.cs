using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Operators that keep the elements and their order.
/// <code>
/// RESHAPE(x, shape) | RESHAPE(x) {new_shape}   ↔   Reshape(x, shape)
/// SQUEEZE(x) {squeeze_dims}                    ↔   Squeeze(x) {squeeze_dims}
/// EXPAND_DIMS(x, axis)                         ↔   ExpandDims(x, axis)
/// SHAPE(x), RANK(x)                            ↔   Shape(x), Rank(x);  REDUCE_PROD(SHAPE(x))   ←   Size(x)
/// </code>
/// </summary>
[OperatorConverter("RESHAPE", "STABLEHLO_RESHAPE", "SQUEEZE", "EXPAND_DIMS", "SHAPE", "RANK", "BITCAST", "CAST", Nodes = ["Reshape", "Squeeze", "ExpandDims", "Shape", "Size", "Rank", "Cast", "Bitcast", "Identity", "IdentityN", "StopGradient", "PreventGradient", "Snapshot", "CheckNumerics",
    "EnsureShape", "PlaceholderWithDefault", "QuantizedReshape"])]
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
        int[] declared = op.Options.Present.ContainsKey("new_shape") ? op.Options.Ints("new_shape") : [.. op.Output().Tensor.Shape];
        return op.Graph.Integers(declared is [0] ? [] : declared);
    }

    /// <summary>Old files have a scalar or nothing where the shape should be.</summary>
    private static bool IsShape(OperatorReader op) => op.Input(1).Tensor is { Type: TensorType.Int32 or TensorType.Int64, Shape.Length: 1 } shape && (op.Input(1).Constant is null || shape.Shape[0] > 0 || op.Output().Tensor.Shape.IsEmpty);

    public override void Write(NodeWriter node)
    {
        switch (node.Node.Op)
        {
            case "Identity" or "IdentityN" or "StopGradient" or "PreventGradient" or "Snapshot" or "CheckNumerics" or "EnsureShape" or "PlaceholderWithDefault":
                for (int i = 0; i < (node.Node.Op == "IdentityN" ? node.InputCount : 1); i++)
                    node.Out(node.In(i), i);
                break;
            case "Squeeze":
                node.Out(node.Emit("SQUEEZE", [node.In(0)], ("squeeze_dims", node.Node.LongList("squeeze_dims").Select(axis => (int)axis).ToArray())));
                break;
            case "ExpandDims":
                node.Out(node.Emit("EXPAND_DIMS", [node.In(0), node.Int32Constant(node.RequiredIntegers(1), [])]));
                break;
            case "Shape":
                TensorType type = TensorTypes.FromGraph(node.Node.Type("out_type"))!.Value;
                node.Out(node.Emit("SHAPE", [node.In(0)], type, ("out_type", (int)type)));
                break;
            case "Size":
                TensorType counted = TensorTypes.FromGraph(node.Node.Type("out_type"))!.Value;
                node.Out(node.Emit("REDUCE_PROD", [node.Emit("SHAPE", [node.In(0)], counted, ("out_type", (int)counted)), node.Int32Constant([0])]));
                break;
            case "Rank":
                node.Out(node.Emit("RANK", [node.In(0)], TensorType.Int32));
                break;
            case "Cast":
                WriteCast(node);
                break;
            case "Bitcast":
                QuantizedConversions.WriteBitcast(node);
                break;
            default:
                node.Out(node.Emit("RESHAPE", [node.In(0), TargetShape(node)]));
                break;
        }
    }

    private static void WriteCast(NodeWriter node)
    {
        TensorDraft x = node.In(0);
        if (QuantizedConversions.TryWriteAccumulators(node))
            return;
        TensorType target = TensorTypes.FromGraph(node.Node.Type("DstT")) ?? throw node.Decline($"type {node.Node.Type("DstT").Name()} has no counterpart");
        if (x.Type == TensorType.Float16 && target == TensorType.Float32)
            node.Out(node.Emit("DEQUANTIZE", [x], TensorType.Float32));
        else if (x.Type == target)
            node.Out(x);
        else
            node.Out(node.Emit("CAST", [x], target, ("in_data_type", (int)x.Type), ("out_data_type", (int)target)));
    }

    /// <summary>The shape to reshape to: where it depends on one free dimension, that one is -1; where on several, it is computed in the run.</summary>
    private static TensorDraft TargetShape(NodeWriter node)
    {
        if (node.Integers(1) is not null || node.In(1).Known is not [{ } one, { } two])
            return node.Int32(1);
        long[] first = Sizes(node.In(0).Shapes[0], ShapeRules.Integers(one)!);
        long[] second = Sizes(node.In(0).Shapes[1], ShapeRules.Integers(two)!);
        return first.Zip(second).Count(pair => pair.First != pair.Second) > 1
            ? node.Int32(1)
            : node.Int32Constant([.. first.Zip(second, (a, b) => a == b ? a : -1)]);
    }

    /// <summary>A shape with the size that is to be inferred.</summary>
    private static long[] Sizes(int[] from, long[] wanted)
    {
        long count = from.Aggregate(1L, (product, size) => product * size);
        long known = wanted.Where(size => size >= 0).Aggregate(1L, (product, size) => product * size);
        return [.. wanted.Select(size => size >= 0 ? size : known == 0 ? 0 : count / known)];
    }
}
