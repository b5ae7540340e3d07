using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes resized images and crops of them.</summary>
internal static partial class Resizing
{
    /// <summary>Where the legacy formula of the nearest element parts from ONNX's by rounding, elements are gathered.</summary>
    [Writes("ResizeBilinear", "ResizeNearestNeighbor")]
    public static void Write(NodeWriter node)
    {
        bool alignsCorners = node.Flag("align_corners");
        bool isHalf = node.Flag("half_pixel_centers");
        TensorShape shape = node.Info(0).Shape;
        if (node.Op == "ResizeNearestNeighbor" && node.Known(1) is { } known && shape.Rank == 4 && shape[1] > 0 && shape[2] > 0 && !alignsCorners && !AreWhole(shape, known))
        {
            Operand image = node.Read(0, Layout.ChannelsFirst);
            for (int i = 0; i < 2; i++)
                image = node.Emit("Gather", [image, node.Longs(Places(shape[i + 1], known[i], isHalf))], ("axis", i + 2L));
            node.Set(image, Layout.ChannelsFirst);
            return;
        }
        string mode = node.Op == "ResizeBilinear" ? "linear" : "nearest";
        string coordinates = alignsCorners ? "align_corners" : !isHalf ? "asymmetric" : "half_pixel";
        List<(string, object)> attributes = [("mode", mode), ("coordinate_transformation_mode", coordinates)];
        if (mode == "nearest")
            attributes.Add(("nearest_mode", alignsCorners || isHalf ? "round_prefer_ceil" : "floor"));
        Operand data = node.Read(0, Layout.ChannelsFirst);
        if (mode != "nearest")
            data = node.Cast(data, DataType.Float);
        node.Set(node.Emit("Resize", Target(node, data), attributes), Layout.ChannelsFirst);
    }

    private static bool AreWhole(TensorShape shape, long[] size) => size[0] % shape[1] == 0 && size[1] % shape[2] == 0;

    /// <summary>The element of each place: ⌊i · in / out⌋ in single precision, as TensorFlow computes it.</summary>
    private static long[] Places(long input, long output, bool isHalf)
    {
        float scale = input / (float)output;
        return [.. Enumerable.Range(0, (int)output).Select(i => Math.Clamp((long)MathF.Floor((isHalf ? i + 0.5f : i) * scale), 0, input - 1))];
    }

    /// <summary>Scales where they give just the size, else the whole new shape.</summary>
    private static Operand?[] Target(NodeWriter node, Operand data)
    {
        TensorShape shape = node.Info(0).Shape;
        if (node.Known(1) is { } size && shape.Rank == 4 && shape[1] > 0 && shape[2] > 0)
        {
            float[] scales = [1, 1, size[0] / (float)shape[1], size[1] / (float)shape[2]];
            bool isExact = Gives(shape[1], scales[2], size[0]) && Gives(shape[2], scales[3], size[1]);
            if (isExact)
                return [data, null, node.Const(Tensor.Create<float>(DataType.Float, TensorShape.Of(4), scales))];
        }
        Operand outer = node.Slice(node.Emit("Shape", [data]), 0, 2, 0);
        return [data, null, null, node.Emit("Concat", [outer, node.Cast(node[1], DataType.Int64)], ("axis", 0L))];
    }

    /// <summary>True when a runtime gets the size from the scale, whether it computes in single or in double precision.</summary>
    private static bool Gives(long input, float scale, long output) => (long)MathF.Floor(input * scale) == output && (long)Math.Floor(input * (double)scale) == output;

    /// <summary>Rows and columns are multiplied by weights of TensorFlow's formulas, which Resize does not have.</summary>
    [Writes("ResizeBicubic", "ResizeArea", Declines = "sizes that are computed")]
    public static void WriteWeighted(NodeWriter node)
    {
        TensorShape shape = node.Info(0).Shape;
        if (node.Known(1) is not { Length: 2 } size || shape.Rank != 4 || shape[1] <= 0 || shape[2] <= 0)
            throw OnnxDiagnostics.Decline("the sizes before and after must be constant");
        Operand Weights(int axis)
        {
            var resize = new TensorFlowResize(shape[axis + 1], size[axis], node.Flag("align_corners"), node.Flag("half_pixel_centers"));
            return node.Const(node.Op == "ResizeArea" ? resize.Area() : resize.Cubic());
        }
        Operand rows = node.Emit("Einsum", [Weights(0), node.Cast(node[0], DataType.Float)], ("equation", "ih,bhwc->biwc"));
        node.Set(node.Emit("Einsum", [Weights(1), rows], ("equation", "jw,biwc->bijc")));
    }

    /// <summary>Each box is a crop of its own: its rows and columns are gathered and weighted.</summary>
    [Writes("CropAndResize", Declines = "method nearest")]
    public static void WriteCrop(NodeWriter node)
    {
        if (node.Text("method", "bilinear") != "bilinear")
            throw OnnxDiagnostics.Decline("method nearest; bilinear is written");
        long[] size = node.RequireKnown(3);
        Operand image = node.Cast(node[0], DataType.Float);
        Operand shape = node.Emit("Shape", [image]);
        Operand boxes = node[1];
        float outside = node.Real("extrapolation_value", 0);
        Operand picked = node.Emit("Gather", [image, node[2]], ("axis", 0L));
        Operand rows = Sampled(node, boxes, shape, 0, size[0], out Operand rowsInside);
        Operand columns = Sampled(node, boxes, shape, 1, size[1], out Operand columnsInside);
        Operand alongRows = node.Emit("Einsum", [rows, picked], ("equation", "bih,bhwc->biwc"));
        Operand crop = node.Emit("Einsum", [columns, alongRows], ("equation", "bjw,biwc->bijc"));
        Operand isInside = node.Emit("And", [node.Unsqueeze(rowsInside, 2, 3), node.Unsqueeze(columnsInside, 1, 3)]);
        node.Set(node.Emit("Where", [isInside, crop, node.Scalar(DataType.Float, outside)]));
    }

    /// <summary>[boxes, size, dimension] weights of the linear interpolation along rows or columns, and where they are inside.</summary>
    private static Operand Sampled(NodeWriter node, Operand boxes, Operand shape, int axis, long size, out Operand isInside)
    {
        Operand Number(double value) => node.Scalar(DataType.Float, value);
        Operand dimension = node.Squeeze(node.Slice(shape, axis + 1, axis + 2, 0), 0);
        Operand last = node.Emit("Sub", [node.Cast(dimension, DataType.Float), Number(1)]);
        Operand start = node.Emit("Mul", [node.Slice(boxes, axis, axis + 1, 1), last]);
        Operand end = node.Emit("Mul", [node.Slice(boxes, axis + 2, axis + 3, 1), last]);
        float[] steps = size > 1 ? [.. Enumerable.Range(0, (int)size).Select(i => i / (float)(size - 1))] : [0.5f];
        Operand parts = node.Const(Tensor.Create<float>(DataType.Float, TensorShape.Of(1, size), steps));
        Operand place = node.Emit("Add", [start, node.Emit("Mul", [node.Emit("Sub", [end, start]), parts])]);
        isInside = node.Emit("And", [node.Emit("GreaterOrEqual", [place, Number(0)]), node.Emit("LessOrEqual", [place, last])]);
        Operand counting = node.Cast(node.Emit("Range", [node.Long(0), dimension, node.Long(1)]), DataType.Float);
        Operand distance = node.Emit("Abs", [node.Emit("Sub", [node.Unsqueeze(place, 2), counting])]);
        return node.Emit("Relu", [node.Emit("Sub", [Number(1), distance])]);
    }
}
