using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Scaled dot-product attention as one operator.</summary>
internal static class Attention
{
    [Infers("Attention")]
    public static void Infer(NodeInference node)
    {
        TensorShape query = node[0].Shape;
        TensorShape value = node[2].Shape;
        if (query.Rank == 4 && value.Rank == 4)
            node.Set(0, node[0].Type, TensorShape.Of(query[0], query[1], query[2], value[3]));
        else
            node.Set(0, node[0].Type, query.Rank == 3 ? TensorShape.Of(query[0], query[1], -1) : TensorShape.Unknown);
    }

    [Reads("Attention", Declines = "past keys and values, outputs beyond the first, soft caps after the mask")]
    public static void Read(NodeReader node)
    {
        if (node.Has(4) || node.Has(5) || node.Has(6) || node.Wants(1) || node.Wants(2) || node.Wants(3))
            throw OnnxDiagnostics.Decline("past keys and values, or outputs beyond the first");
        bool isFlat = node.Rank(0) == 3;
        long queryHeads = isFlat ? node.Integer("q_num_heads", 1) : node.Info(0).Shape[1];
        long keyHeads = isFlat ? node.Integer("kv_num_heads", queryHeads) : node.Info(1).Shape[1];
        NodeInput query = Heads(node, 0, queryHeads, isFlat);
        NodeInput key = Repeated(node, Heads(node, 1, keyHeads, isFlat), queryHeads, keyHeads);
        NodeInput value = Repeated(node, Heads(node, 2, keyHeads, isFlat), queryHeads, keyHeads);
        DataType type = node.TypeOf(0);
        long width = isFlat ? node.Info(0).Shape[2] / queryHeads : node.Info(0).Shape[3];
        if (!node.HasAttribute("scale") && width <= 0)
            throw OnnxDiagnostics.Decline("the width of a head must be known");
        float scale = node.HasAttribute("scale") ? node.Real("scale", 1) : 1 / MathF.Sqrt(width);
        NodeInput scores = node.Emit("Mul", [node.Emit("BatchMatMulV2", [query, key], ("adj_y", true)), node.Scalar(type, scale)]);
        float cap = node.Real("softcap", 0);
        if (cap > 0)
            scores = node.Emit("Mul", [node.Emit("Tanh", [node.Emit("RealDiv", [scores, node.Scalar(type, cap)])]), node.Scalar(type, cap)]);
        NodeInput lowest = node.Scalar(type, double.NegativeInfinity);
        if (node.Has(3))
            scores = node.TypeOf(3) == DataType.Bool ? node.Emit("SelectV2", [node[3], scores, lowest]) : node.Emit("AddV2", [scores, node[3]]);
        if (node.Flag("is_causal"))
            scores = node.Emit("SelectV2", [IsVisible(node, scores), scores, lowest]);
        NodeInput result = node.Emit("BatchMatMulV2", [node.Emit("Softmax", [scores]), value]);
        if (!isFlat)
        {
            node.Set(0, result);
            return;
        }
        NodeInput joined = node.Transpose(result, 0, 2, 1, 3);
        NodeInput leading = node.Emit("StridedSlice", [node.Emit("Shape", [joined]), node.Ints(0), node.Ints(2), node.Ints(1)]);
        node.Result("Reshape", [joined, node.Emit("ConcatV2", [leading, node.Ints(-1), node.Int(0)])]);
    }

    private static NodeInput Heads(NodeReader node, int input, long heads, bool isFlat)
    {
        if (!isFlat)
            return node[input];
        TensorShape shape = node.Info(input).Shape;
        if (shape[2] < 0 || heads <= 0)
            throw OnnxDiagnostics.Decline("the width of the heads must be known");
        NodeInput leading = node.Emit("StridedSlice", [node.Emit("Shape", [node[input]]), node.Ints(0), node.Ints(2), node.Ints(1)]);
        return node.Transpose(node.Emit("Reshape", [node[input], node.Emit("ConcatV2", [leading, node.Ints(heads, shape[2] / heads), node.Int(0)])]), 0, 2, 1, 3);
    }

    /// <summary>Each head of keys serves several of queries.</summary>
    private static NodeInput Repeated(NodeReader node, NodeInput heads, long queryHeads, long keyHeads)
    {
        if (queryHeads == keyHeads)
            return heads;
        if (keyHeads <= 0 || queryHeads <= 0)
            throw OnnxDiagnostics.Decline("the number of heads must be known");
        long[] places = [.. Enumerable.Range(0, (int)queryHeads).Select(i => i / (queryHeads / keyHeads))];
        return node.Emit("GatherV2", [heads, node.Ints(places), node.Int(1)]);
    }

    /// <summary>True where a key is not behind its query.</summary>
    private static NodeInput IsVisible(NodeReader node, NodeInput scores)
    {
        NodeInput shape = node.Emit("Shape", [scores]);
        NodeInput Counting(int axis) => node.Emit("Range", [node.Int(0), node.Emit("StridedSlice", [shape, node.Ints(axis), node.Ints(axis + 1), node.Ints(1)], ("shrink_axis_mask", 1)), node.Int(1)]);
        return node.Emit("GreaterEqual", [node.Emit("ExpandDims", [Counting(2), node.Int(1)]), node.Emit("ExpandDims", [Counting(3), node.Int(0)])]);
    }
}
