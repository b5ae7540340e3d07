using TransformFramework.TfLite.Reading;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Pooling over images.
/// <code>
/// AVERAGE_POOL_2D(x), MAX_POOL_2D(x) {filter, stride, padding, activation}   ↔   AvgPool(x), MaxPool(x);  Relu | Relu6
/// L2_POOL_2D(x)                                                              →   Sqrt(AvgPool(Square(x)))
/// </code>
/// </summary>
[OperatorConverter("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D")]
internal sealed class Pool2D : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        Value x = op.Real(0);
        bool isRoot = op.Name == "L2_POOL_2D";
        Value pooled = op.Node(op.Name == "MAX_POOL_2D" ? "MaxPool" : "AvgPool", [isRoot ? op.Node("Square", [x]) : x], Windows.Window(op), Windows.Strides(op), Windows.Padding(op));
        op.Result(op.Activate(isRoot ? op.Node("Sqrt", [pooled]) : pooled), isExact: op.Name == "MAX_POOL_2D" && op.Options.Int("activation") == 0);
    }
}
