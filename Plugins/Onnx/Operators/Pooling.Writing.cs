using TransformFramework.Graphs;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes pooling over windows.</summary>
internal static partial class Pooling
{
    [Writes("MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D", "MaxPoolV2")]
    public static void Write(NodeWriter node)
    {
        ImageWindows windows = ImageWindows.Of(node, node.Info(0).Shape);
        long[] kernel = ImageWindows.Spatial(node.Integers("ksize"), windows.IsFirst);
        bool isMaximum = node.Op.StartsWith("Max", StringComparison.Ordinal);
        TensorShape shape = node.Info(0).Shape;
        bool isGlobal = !isMaximum && node.Text("padding") == "VALID" && !shape.IsUnknownRank && Enumerable.Range(0, windows.Count).All(i => shape[windows.AxisOf(i)] == kernel[i]);
        if (isGlobal)
        {
            node.Set(windows.Restore(node, node.Emit("GlobalAveragePool", [windows.Read(node, 0)])), windows.Layout);
            return;
        }
        WrittenPadding padding = WrittenPadding.Of(node, windows, kernel);
        Operand pooled = node.Emit(isMaximum ? "MaxPool" : "AveragePool", [padding.Image], [("kernel_shape", kernel), ("strides", windows.Strides), .. padding.Attributes]);
        node.Set(windows.Restore(node, pooled), windows.Layout);
    }
}
