using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Images sampled at computed places.</summary>
internal static partial class Sampling
{
    [Infers("GridSample")]
    public static void InferGridSample(NodeInference node)
    {
        TensorShape x = node[0].Shape;
        TensorShape grid = node[1].Shape;
        node.Set(node[0].Type, x.IsUnknownRank || grid.IsUnknownRank ? TensorShape.Unknown : TensorShape.Of([x[0], x[1], .. grid.Dimensions.Skip(1).Take(grid.Rank - 2)]));
    }

    [Infers("RoiAlign")]
    public static void InferRoiAlign(NodeInference node)
    {
        TensorShape x = node[0].Shape;
        TensorShape rois = node[1].Shape;
        node.Set(node[0].Type, TensorShape.Of(rois.IsUnknownRank ? -1 : rois[0], x.IsUnknownRank ? -1 : x[1], node.Integer("output_height", 1), node.Integer("output_width", 1)));
    }

    /// <summary>Each place is a weighted sum of gathered elements: 1, 4 or 16 of them.</summary>
    [Reads("GridSample", Declines = "volumes")]
    public static void ReadGridSample(NodeReader node)
    {
        if (node.Rank(0) != 4)
            throw OnnxDiagnostics.Decline("volumes");
        var sampler = new GridSampler(node, node.Transpose(node[0], 0, 2, 3, 1), node.Text("padding_mode", "zeros"), node.Flag("align_corners"));
        NodeInput Part(int i) => node.Emit("StridedSlice", [node[1], node.Ints(0, i), node.Ints(0, i + 1), node.Ints(1, 1)], ("ellipsis_mask", 1), ("shrink_axis_mask", 2));
        NodeInput x = sampler.Unnormalized(Part(0), sampler.Width);
        NodeInput y = sampler.Unnormalized(Part(1), sampler.Height);
        string mode = node.Text("mode", "linear");
        NodeInput sampled = mode switch
        {
            "nearest" => sampler.Nearest(x, y),
            "cubic" or "bicubic" => sampler.Cubic(x, y),
            _ => sampler.Linear(x, y),
        };
        node.Set(0, node.Transpose(sampled, 0, 3, 1, 2));
    }

    /// <summary>Samples on a regular grid within each cell of a region, then their mean or maximum.</summary>
    [Reads("RoiAlign", Declines = "a sampling ratio that depends on the region")]
    public static void ReadRoiAlign(NodeReader node)
    {
        long ratio = node.Integer("sampling_ratio", 0);
        if (ratio <= 0)
            throw OnnxDiagnostics.Decline("a sampling ratio that depends on the region's size");
        DataType type = node.TypeOf(0);
        float offset = node.Text("coordinate_transformation_mode", node.Opset < 16 ? "output_half_pixel" : "half_pixel") == "half_pixel" ? 0.5f : 0;
        float scale = node.Real("spatial_scale", 1);
        NodeInput Edge(int i)
        {
            NodeInput edge = node.Emit("StridedSlice", [node[1], node.Ints(0, i), node.Ints(0, i + 1), node.Ints(1, 1)], ("begin_mask", 1), ("end_mask", 1), ("shrink_axis_mask", 2));
            return node.Emit("Sub", [node.Emit("Mul", [edge, node.Scalar(type, scale)]), node.Scalar(type, offset)]);
        }
        long height = node.Integer("output_height", 1);
        long width = node.Integer("output_width", 1);
        NodeInput Places(NodeInput from, NodeInput to, long cells)
        {
            NodeInput length = node.Emit("Sub", [to, from]);
            if (offset == 0)
                length = node.Emit("Maximum", [length, node.Scalar(type, 1)]);
            float[] steps = [.. Enumerable.Range(0, (int)(cells * ratio)).Select(i => ((i / ratio) + ((i % ratio + 0.5f) / ratio)) / cells)];
            NodeInput parts = node.Cast(node.Const(Tensor.Create<float>(DataType.Float, TensorShape.Of(1, steps.Length), steps)), type);
            return node.Emit("AddV2", [node.Emit("ExpandDims", [from, node.Int(1)]), node.Emit("Mul", [node.Emit("ExpandDims", [length, node.Int(1)]), parts])]);
        }
        NodeInput x = node.Emit("ExpandDims", [Places(Edge(0), Edge(2), width), node.Int(1)]);
        NodeInput y = node.Emit("ExpandDims", [Places(Edge(1), Edge(3), height), node.Int(2)]);
        var sampler = new GridSampler(node, node.Transpose(node[0], 0, 2, 3, 1), "region", alignsCorners: true) { Batch = node.Cast(node[2], DataType.Int32) };
        NodeInput zeroX = node.Emit("Mul", [x, node.Scalar(type, 0)]);
        NodeInput zeroY = node.Emit("Mul", [y, node.Scalar(type, 0)]);
        bool isMaximum = node.Text("mode", "avg") == "max";
        NodeInput fullX = node.Emit("AddV2", [x, zeroY]);
        NodeInput fullY = node.Emit("AddV2", [y, zeroX]);
        NodeInput samples = isMaximum ? sampler.LargestTap(fullX, fullY) : sampler.Linear(fullX, fullY);
        (string, AttributeValue)[] window = [("ksize", AttributeValue.Ints(1, ratio, ratio, 1)), ("strides", AttributeValue.Ints(1, ratio, ratio, 1)), ("padding", "VALID")];
        NodeInput pooled = node.Emit(isMaximum ? "MaxPool" : "AvgPool", [samples], window);
        node.Set(0, node.Transpose(pooled, 0, 3, 1, 2));
    }
}
