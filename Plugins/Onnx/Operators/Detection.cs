using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Suppression of overlapping boxes.</summary>
internal static partial class Detection
{
    /// <summary>Most pairs of batch and class that are taken apart in the graph.</summary>
    private const long MostPairs = 1024;

    [Infers("NonMaxSuppression")]
    public static void Infer(NodeInference node) => node.Set(DataType.Int64, TensorShape.Of(-1, 3));

    /// <summary>One suppression for each batch and class; rows are [batch, class, box].</summary>
    [Reads("NonMaxSuppression", Declines = "unknown numbers of batches or classes")]
    public static void Read(NodeReader node)
    {
        TensorShape scores = node.Info(1).Shape;
        if (scores.Rank != 3 || scores[0] < 0 || scores[1] < 0 || scores[0] * scores[1] > MostPairs)
            throw OnnxDiagnostics.Decline($"scores of shape {scores}; the numbers of batches and classes must be known and their product at most {MostPairs}");
        NodeInput boxes = node.Flag("center_point_box") ? Corners(node) : node[0];
        NodeInput Scalar(int input, DataType type, double otherwise) => node.Has(input) ? node.Reshape(node.Cast(node[input], type)) : node.Scalar(type, otherwise);
        NodeInput most = node.Has(2) ? node.Cast(node.Emit("Minimum", [node.Reshape(node[2]), node.Scalar(DataType.Int64, int.MaxValue)]), DataType.Int32) : node.Int(0);
        NodeInput overlap = Scalar(3, DataType.Float, 0);
        NodeInput least = Scalar(4, DataType.Float, double.NegativeInfinity);
        var rows = new List<NodeInput>();
        for (long batch = 0; batch < scores[0]; batch++)
        {
            NodeInput own = At(node, boxes, batch);
            for (long category = 0; category < scores[1]; category++)
            {
                NodeInput each = node.Emit("StridedSlice", [node[1], node.Ints(batch, category), node.Ints(batch + 1, category + 1), node.Ints(1, 1)], ("shrink_axis_mask", 3));
                NodeInput chosen = node.Emit("NonMaxSuppressionV3", [own, each, most, overlap, least]);
                NodeInput column = node.Emit("ExpandDims", [node.Cast(chosen, DataType.Int64), node.Int(1)]);
                NodeInput zeros = node.Emit("ZerosLike", [column]);
                NodeInput Filled(long value) => value == 0 ? zeros : node.Emit("AddV2", [zeros, node.Scalar(DataType.Int64, value)]);
                rows.Add(node.Emit("ConcatV2", [Filled(batch), Filled(category), column, node.Int(1)]));
            }
        }
        node.Set(0, rows.Count == 1 ? rows[0] : node.Emit("ConcatV2", [.. rows, node.Int(0)]));
    }

    private static NodeInput At(NodeReader node, NodeInput boxes, long batch) => node.Emit("StridedSlice", [boxes, node.Ints(batch), node.Ints(batch + 1), node.Ints(1)], ("shrink_axis_mask", 1));

    /// <summary>From [x, y, width, height] of the centre to [top, left, bottom, right].</summary>
    private static NodeInput Corners(NodeReader node)
    {
        NodeInput Part(int i) => node.Emit("StridedSlice", [node[0], node.Ints(0, i), node.Ints(0, i + 1), node.Ints(1, 1)], ("ellipsis_mask", 1));
        NodeInput half = node.Scalar(DataType.Float, 0.5);
        NodeInput halfWidth = node.Emit("Mul", [Part(2), half]);
        NodeInput halfHeight = node.Emit("Mul", [Part(3), half]);
        NodeInput x = Part(0);
        NodeInput y = Part(1);
        return node.Emit("ConcatV2", [node.Emit("Sub", [y, halfHeight]), node.Emit("Sub", [x, halfWidth]), node.Emit("AddV2", [y, halfHeight]), node.Emit("AddV2", [x, halfWidth]), node.Int(2)]);
    }
}
