using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Resizing by sizes or scales that are known only when the model runs: the weights along each axis are computed in the graph, as <see cref="ResizeWeights"/> has them.</summary>
internal static class ComputedResize
{
    /// <summary>Places before and behind the image that a kernel may reach.</summary>
    private const int Reach = 3;

    /// <param name="node">The node.</param>
    /// <param name="kind">How it is resized.</param>
    /// <param name="input">Number of the input with sizes or scales.</param>
    /// <param name="hasSizes">True when it has sizes.</param>
    public static NodeInput Resize(NodeReader node, ResizeKind kind, int input, bool hasSizes)
    {
        if (kind.IsAntialiased || node.Text("keep_aspect_ratio_policy", "stretch") != "stretch" || kind.Coordinates == "half_pixel_symmetric")
            throw OnnxDiagnostics.Decline("antialiasing, a kept aspect or symmetric coordinates with sizes or scales that are computed");
        int rank = node.Rank(0);
        int[] axes = node.Integers("axes") is { } listed ? [.. listed.Select(axis => NodeReader.Axis(axis, rank))] : [.. Enumerable.Range(0, rank)];
        NodeInput shape = node.Emit("Shape", [node[0]]);
        NodeInput data = node[0];
        DataType type = node.TypeOf(0);
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = axes[i];
            TensorShape output = node.Output(0)!.Shape;
            bool isKept = node.Info(0).Shape[axis] == 1 && output.Rank == rank && output[axis] == 1;
            if (isKept)
                continue;
            NodeInput before = At(node, shape, axis);
            NodeInput length = node.Cast(before, DataType.Float);
            NodeInput given = At(node, node[input], i);
            NodeInput scale = hasSizes ? node.Emit("RealDiv", [node.Cast(given, DataType.Float), length]) : given;
            NodeInput after = hasSizes ? node.Cast(given, DataType.Int32) : node.Cast(node.Emit("Floor", [node.Emit("Mul", [length, scale])]), DataType.Int32);
            NodeInput place = Coordinates(node, kind, length, node.Cast(after, DataType.Float), scale, Counted(node, after), Region(node, kind, axis, rank));
            data = kind.Mode == "nearest" ? Nearest(node, kind, data, place, scale, before, axis) : Weighted(node, kind, data, place, before, axis, rank);
            if (kind.IsCrop)
                data = Filled(node, data, place, length, axis, rank);
        }
        return node.Cast(data, type);
    }

    private static NodeInput At(NodeReader node, NodeInput list, int index) => node.Emit("StridedSlice", [list, node.Ints(index), node.Ints(index + 1), node.Ints(1)], ("shrink_axis_mask", 1));

    private static NodeInput Number(NodeReader node, double value) => node.Scalar(DataType.Float, value);

    private static NodeInput Counted(NodeReader node, NodeInput count) => node.Cast(node.Emit("Range", [node.Int(0), count, node.Int(1)]), DataType.Float);

    private static (NodeInput Start, NodeInput End)? Region(NodeReader node, ResizeKind kind, int axis, int rank)
    {
        if (!kind.IsCrop)
            return null;
        if (node.HasAttribute("axes"))
            throw OnnxDiagnostics.Decline("a crop along some axes with sizes that are computed");
        NodeInput region = node.Cast(node[1], DataType.Float);
        return (At(node, region, axis), At(node, region, axis + rank));
    }

    private static NodeInput Coordinates(NodeReader node, ResizeKind kind, NodeInput length, NodeInput output, NodeInput scale, NodeInput index, (NodeInput Start, NodeInput End)? region)
    {
        NodeInput Minus(NodeInput x, double value) => node.Emit("Sub", [x, Number(node, value)]);
        NodeInput half = node.Emit("RealDiv", [node.Emit("AddV2", [index, Number(node, 0.5)]), scale]);
        switch (kind.Coordinates)
        {
            case "align_corners":
                NodeInput most = node.Emit("Maximum", [Minus(output, 1), Number(node, 1)]);
                return node.Emit("RealDiv", [node.Emit("Mul", [index, Minus(length, 1)]), most]);
            case "asymmetric":
                return node.Emit("RealDiv", [index, scale]);
            case "tf_half_pixel_for_nn":
                return half;
            case "pytorch_half_pixel":
                return node.Emit("SelectV2", [node.Emit("Greater", [output, Number(node, 1)]), Minus(half, 0.5), node.Emit("ZerosLike", [index])]);
            case "tf_crop_and_resize":
                NodeInput last = Minus(length, 1);
                NodeInput width = node.Emit("Mul", [node.Emit("Sub", [region!.Value.End, region.Value.Start]), last]);
                NodeInput step = node.Emit("RealDiv", [width, node.Emit("Maximum", [Minus(output, 1), Number(node, 1)])]);
                NodeInput several = node.Emit("AddV2", [node.Emit("Mul", [region.Value.Start, last]), node.Emit("Mul", [index, step])]);
                NodeInput centre = node.Emit("Mul", [node.Emit("Mul", [node.Emit("AddV2", [region.Value.Start, region.Value.End]), last]), Number(node, 0.5)]);
                return node.Emit("SelectV2", [node.Emit("Greater", [output, Number(node, 1)]), several, node.Emit("AddV2", [node.Emit("ZerosLike", [index]), centre])]);
            default:
                return Minus(half, 0.5);
        }
    }

    private static NodeInput Nearest(NodeReader node, ResizeKind kind, NodeInput data, NodeInput place, NodeInput scale, NodeInput length, int axis)
    {
        NodeInput rounded = kind.Rounding switch
        {
            "floor" => node.Emit("Floor", [place]),
            "ceil" => node.Emit("Ceil", [place]),
            ResizeKind.BySize => node.Emit("SelectV2", [node.Emit("Less", [scale, Number(node, 1)]), node.Emit("Ceil", [place]), node.Emit("Floor", [place])]),
            "round_prefer_ceil" => node.Emit("Floor", [node.Emit("AddV2", [place, Number(node, 0.5)])]),
            _ => node.Emit("Ceil", [node.Emit("Sub", [place, Number(node, 0.5)])]),
        };
        NodeInput last = node.Emit("Sub", [length, node.Int(1)]);
        NodeInput index = node.Emit("Minimum", [node.Emit("Maximum", [node.Cast(rounded, DataType.Int32), node.Int(0)]), last]);
        return node.Emit("GatherV2", [data, index, node.Int(axis)]);
    }

    private static NodeInput Weighted(NodeReader node, ResizeKind kind, NodeInput data, NodeInput place, NodeInput length, int axis, int rank)
    {
        NodeInput taps = node.Emit("Range", [node.Int(-Reach), node.Emit("AddV2", [length, node.Int(Reach)]), node.Int(1)]);
        NodeInput distance = node.Emit("Abs", [node.Emit("Sub", [node.Emit("ExpandDims", [place, node.Int(1)]), node.Emit("ExpandDims", [node.Cast(taps, DataType.Float), node.Int(0)])])]);
        NodeInput kernel = kind.Mode == "cubic" ? Cubic(node, distance, kind.Cubic) : node.Emit("Relu", [node.Emit("Sub", [Number(node, 1), distance])]);
        NodeInput clamped = node.Emit("Minimum", [node.Emit("Maximum", [taps, node.Int(0)]), node.Emit("Sub", [length, node.Int(1)])]);
        if (kind.ExcludesOutside)
        {
            NodeInput isInside = node.Cast(node.Emit("Equal", [taps, clamped]), DataType.Float);
            kernel = node.Emit("Mul", [kernel, isInside]);
            kernel = node.Emit("RealDiv", [kernel, node.Emit("Sum", [kernel, node.Ints(1)], ("keep_dims", true))]);
        }
        NodeInput fold = node.Emit("OneHot", [clamped, length, Number(node, 1), Number(node, 0)]);
        NodeInput weights = node.Emit("MatMul", [kernel, fold]);
        int[] order = [.. Enumerable.Range(0, rank).Where(each => each != axis), axis];
        int[] back = new int[rank];
        for (int i = 0; i < rank; i++)
            back[order[i]] = i;
        NodeInput wide = node.Transpose(node.Cast(data, DataType.Float), order);
        return node.Transpose(node.Emit("BatchMatMulV2", [wide, weights], ("adj_y", true)), back);
    }

    private static NodeInput Cubic(NodeReader node, NodeInput distance, float a)
    {
        NodeInput Plus(NodeInput x, double value) => node.Emit("AddV2", [x, Number(node, value)]);
        NodeInput Times(NodeInput x, double value) => node.Emit("Mul", [x, Number(node, value)]);
        NodeInput square = node.Emit("Mul", [distance, distance]);
        NodeInput near = Plus(node.Emit("Mul", [Plus(Times(distance, a + 2), -(a + 3)), square]), 1);
        NodeInput far = Plus(node.Emit("Mul", [Plus(node.Emit("Mul", [Plus(Times(distance, a), -5 * a), distance]), 8 * a), distance]), -4 * a);
        NodeInput isNear = node.Emit("LessEqual", [distance, Number(node, 1)]);
        NodeInput isFar = node.Emit("Less", [distance, Number(node, 2)]);
        return node.Emit("SelectV2", [isNear, near, node.Emit("SelectV2", [isFar, far, Number(node, 0)])]);
    }

    private static NodeInput Filled(NodeReader node, NodeInput data, NodeInput place, NodeInput length, int axis, int rank)
    {
        NodeInput last = node.Emit("Sub", [length, Number(node, 1)]);
        NodeInput isOutside = node.Emit("LogicalOr", [node.Emit("Less", [place, Number(node, 0)]), node.Emit("Greater", [place, last])]);
        long[] target = [.. Enumerable.Repeat(1L, rank)];
        target[axis] = -1;
        return node.Emit("SelectV2", [node.Reshape(isOutside, target), node.Scalar(node.Scope.Emitter.TypeOf(data), node.Real("extrapolation_value", 0)), data]);
    }
}
