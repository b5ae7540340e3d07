using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Operators that join and part tensors.
/// <code>
/// CONCATENATION(x…) {axis, activation}   ↔   ConcatV2(x…, axis)
/// PACK(x…) {axis}, UNPACK(x) {num, axis} ↔   Pack, Unpack
/// SPLIT(axis, x) {num_splits}            ↔   Split(axis, x)
/// SPLIT_V(x, sizes, axis)                ↔   SplitV(x, sizes, axis)
/// ADD_N(x…)                              ↔   AddN(x…)
/// </code>
/// </summary>
[OperatorConverter("CONCATENATION", "PACK", "UNPACK", "SPLIT", "SPLIT_V", "ADD_N", Nodes = ["ConcatV2", "Pack", "Unpack", "Split", "SplitV", "AddN", "Concat"])]
internal sealed class Joining : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        switch (op.Name)
        {
            case "CONCATENATION":
                op.Result(op.Activate(op.Node("ConcatV2", [.. All(op), op.Graph.Constant(op.Options.Int("axis"))])), isExact: HaveOneRange(op));
                break;
            case "PACK":
                op.Result(op.Node("Pack", [.. All(op)], ("axis", op.Options.Int("axis"))), isExact: HaveOneRange(op));
                break;
            case "ADD_N":
                op.Result(op.Node("AddN", [.. All(op)]));
                break;
            case "UNPACK":
                Results(op, op.Graph.Add("Unpack", [op.Real(0)], ("num", op.OutputCount), ("axis", op.Options.Int("axis"))));
                break;
            case "SPLIT":
                Results(op, op.Graph.Add("Split", [op.Stored(0), op.Real(1)], ("num_split", op.OutputCount)));
                break;
            default:
                Value axis = op.Integers(2) is [var only] ? op.Graph.Constant((int)only) : op.Stored(2);
                Results(op, op.Graph.Add("SplitV", [op.Real(0), op.Stored(1), axis], ("num_split", op.OutputCount)));
                break;
        }
    }

    private static IEnumerable<Value> All(OperatorReader op) => Enumerable.Range(0, op.InputCount).Select(op.Real);

    /// <summary>True when every input has the output's scale and zero point, so that values pass through.</summary>
    private static bool HaveOneRange(OperatorReader op) => Enumerable.Range(0, op.InputCount).All(input =>
        op.Input(input).Tensor.Quantization is { IsPerTensor: true } own && op.Output().Tensor.Quantization is { IsPerTensor: true } result
        && own.Scale.Equals(result.Scale) && own.ZeroPoint == result.ZeroPoint);

    private static void Results(OperatorReader op, NodeDraft node)
    {
        for (int i = 0; i < op.OutputCount; i++)
            op.Result(new(node, i), i, isExact: true);
    }

    public override void Write(NodeWriter node)
    {
        int last = node.InputCount - 1;
        switch (node.Node.Op)
        {
            case "Concat":
                node.Out(node.Emit("CONCATENATION", [.. Enumerable.Range(1, last).Select(node.In)], ("axis", checked((int)node.RequiredIntegers(0)[0]))));
                break;
            case "ConcatV2":
                node.Out(node.Emit("CONCATENATION", [.. Enumerable.Range(0, last).Select(node.In)], ("axis", checked((int)node.RequiredIntegers(last)[0]))));
                break;
            case "Pack":
                node.Out(node.Emit("PACK", [.. Enumerable.Range(0, node.InputCount).Select(node.In)], ("values_count", node.InputCount), ("axis", node.Int("axis"))));
                break;
            case "AddN":
                node.Out(node.InputCount == 1 ? node.In(0) : node.Emit("ADD_N", [.. Enumerable.Range(0, node.InputCount).Select(node.In)]));
                break;
            case "Unpack":
                Results(node, "UNPACK", [node.In(0)], node.Int("num"), ("num", node.Int("num")), ("axis", node.Int("axis")));
                break;
            case "Split":
                Results(node, "SPLIT", [Axis(node, 0, node.In(1)), node.In(1)], node.Int("num_split"), ("num_splits", node.Int("num_split")));
                break;
            default:
                Results(node, "SPLIT_V", [node.In(0), node.Int32(1), Axis(node, 2, node.In(0))], node.Int("num_split"), ("num_splits", node.Int("num_split")));
                break;
        }
    }

    /// <summary>An axis counted from the front: older delegates do not take one from the back.</summary>
    private static TensorDraft Axis(NodeWriter node, int input, TensorDraft split) =>
        node.Int32Constant([.. node.RequiredIntegers(input).Select(axis => axis < 0 ? axis + split.Rank : axis)], []);

    private static void Results(NodeWriter node, string op, List<TensorDraft?> inputs, int count, params ReadOnlySpan<(string, object)> options)
    {
        TensorType type = node.In(op == "SPLIT" ? 1 : 0).Type;
        List<TensorDraft> outputs = node.EmitMany(op, inputs, [.. Enumerable.Repeat(type, count)], options);
        for (int i = 0; i < count; i++)
            node.Out(outputs[i], i);
    }
}
