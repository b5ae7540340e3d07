using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Losses of classes: of log probabilities, or of scores. Classes are dimension 1.</summary>
internal static class Losses
{
    [Infers("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss")]
    public static void Infer(NodeInference node)
    {
        node.Set(0, node[0].Type, node.Text("reduction", "mean") == "none" ? node[1].Shape : TensorShape.Scalar);
        node.Set(1, node[0].Type, node[0].Shape);
    }

    [Reads("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss")]
    public static void Read(NodeReader node)
    {
        int rank = node.Rank(0);
        int[] last = [0, .. Enumerable.Range(2, rank - 2), 1];
        int[] back = [0, rank - 1, .. Enumerable.Range(1, rank - 2)];
        NodeInput scores = node.Transpose(node[0], last);
        if (node.Op == "SoftmaxCrossEntropyLoss")
        {
            scores = node.Emit("LogSoftmax", [scores]);
            if (node.Wants(1))
                node.Set(1, node.Transpose(scores, back));
        }
        DataType type = node.TypeOf(0);
        NodeInput target = node.Cast(node[1], DataType.Int64);
        NodeInput zero = node.Scalar(type, 0);
        NodeInput? isIgnored = null;
        if (node.HasAttribute("ignore_index"))
        {
            isIgnored = node.Emit("Equal", [target, node.Scalar(DataType.Int64, node.Integer("ignore_index", 0))]);
            target = node.Emit("SelectV2", [isIgnored.Value, node.Emit("ZerosLike", [target]), target]);
        }
        NodeInput depth = node.Emit("StridedSlice", [node.Emit("Shape", [scores]), node.Ints(-1), node.Ints(0), node.Ints(1)], ("shrink_axis_mask", 1));
        NodeInput chosen = node.Emit("OneHot", [target, depth, node.Scalar(DataType.Bool, 1), node.Scalar(DataType.Bool, 0)]);
        NodeInput picked = node.Emit("Sum", [node.Emit("SelectV2", [chosen, scores, zero]), node.Ints(-1)]);
        NodeInput weights = node.Has(2)
            ? node.Emit("GatherV2", [node[2], target, node.Int(0)])
            : node.Emit("AddV2", [node.Emit("ZerosLike", [picked]), node.Scalar(type, 1)]);
        if (isIgnored is { } ignored)
            weights = node.Emit("SelectV2", [ignored, zero, weights]);
        NodeInput loss = node.Emit("Neg", [node.Emit("Mul", [picked, weights])]);
        NodeInput All(NodeInput values) => node.Emit("Sum", [node.Reshape(values, -1), node.Ints(0)]);
        node.Set(0, node.Text("reduction", "mean") switch
        {
            "none" => loss,
            "sum" => All(loss),
            _ => node.Emit("RealDiv", [All(loss), All(weights)]),
        });
    }
}
