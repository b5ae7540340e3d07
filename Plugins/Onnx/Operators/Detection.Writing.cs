using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes the suppression of overlapping boxes.</summary>
internal static partial class Detection
{
    [Writes("NonMaxSuppression", "NonMaxSuppressionV2", "NonMaxSuppressionV3", Declines = "soft suppression, padded results")]
    public static void Write(NodeWriter node)
    {
        Operand boxes = node.Unsqueeze(node[0], 0);
        Operand scores = node.Unsqueeze(node[1], 0, 1);
        Operand most = node.Reshape(node.Cast(node[2], DataType.Int64), 1);
        Operand overlap = node.Op == "NonMaxSuppression" ? node.Const(Tensors.Reshape(Tensor.Scalar(node.Real("iou_threshold", 0.5f)), 1)) : node.Reshape(node[3], 1);
        Operand?[] inputs = node.Count > 4 ? [boxes, scores, most, overlap, node.Reshape(node[4], 1)] : [boxes, scores, most, overlap];
        Operand chosen = node.Emit("NonMaxSuppression", inputs);
        node.Set(node.Cast(node.Squeeze(node.Slice(chosen, 2, 3, 1), 1), DataType.Int32));
    }
}
