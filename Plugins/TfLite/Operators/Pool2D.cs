using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Pooling over images.
/// <code>
/// AVERAGE_POOL_2D(x), MAX_POOL_2D(x) {filter, stride, padding, activation}   ↔   AvgPool(x), MaxPool(x);  Relu | Relu6
/// L2_POOL_2D(x)                                                              →   Sqrt(AvgPool(Square(x)))
/// </code>
/// </summary>
[OperatorConverter("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D", Nodes = ["AvgPool", "MaxPool"])]
internal sealed class Pool2D : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        Value x = op.Real(0);
        bool isRoot = op.Name == "L2_POOL_2D";
        Value pooled = op.Node(op.Name == "MAX_POOL_2D" ? "MaxPool" : "AvgPool", [isRoot ? op.Node("Square", [x]) : x], Windows.Window(op), Windows.Strides(op), Windows.Padding(op));
        op.Result(op.Activate(isRoot ? op.Node("Sqrt", [pooled]) : pooled), isExact: op.Name == "MAX_POOL_2D" && op.Options.Int("activation") == 0);
    }

    public override void Write(NodeWriter node)
    {
        var sizes = node.Node.LongList("ksize");
        if (sizes.Length != 4 || sizes[0] != 1 || sizes[3] != 1)
            throw node.Decline("pooling over batch or channels has no counterpart");
        node.Out(node.Emit(node.Node.Op == "MaxPool" ? "MAX_POOL_2D" : "AVERAGE_POOL_2D", [node.In(0)],
            [.. Windows.Options(node), ("filter_height", node.Size(sizes[1], "ksize")), ("filter_width", node.Size(sizes[2], "ksize"))]));
    }
}
