using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Maxima and means over windows, or over whole images.</summary>
internal static partial class Pooling
{
    [Infers("MaxPool", "AveragePool", "LpPool")]
    public static void InferPool(NodeInference node)
    {
        TensorShape image = node[0].Shape;
        long[] kernel = node.Integers("kernel_shape") ?? throw OnnxDiagnostics.Mismatch("the attribute 'kernel_shape' is missing");
        node.RequireRank(0, kernel.Length + 2);
        Windows windows = Windows.Of(node, image, kernel);
        TensorShape shape = image.IsUnknownRank ? TensorShape.Unknown : TensorShape.Of([image[0], image[1], .. windows.Output]);
        node.Set(0, node[0].Type, shape);
        node.Set(1, DataType.Int64, shape);
    }

    [Infers("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")]
    public static void InferGlobal(NodeInference node)
    {
        TensorShape image = node[0].Shape;
        node.Set(node[0].Type, image.IsUnknownRank ? image : TensorShape.Of([.. image.Dimensions.Select((dimension, axis) => axis < 2 ? dimension : 1)]));
    }

    [Infers("MaxUnpool")]
    public static void InferUnpool(NodeInference node)
    {
        if (node.Has(2))
        {
            node.Set(node[0].Type, node.Known(2) is { } asked ? TensorShape.Of(asked) : TensorShape.Unknown);
            return;
        }
        TensorShape image = node[0].Shape;
        long[] kernel = node.Integers("kernel_shape") ?? throw OnnxDiagnostics.Mismatch("the attribute 'kernel_shape' is missing");
        Windows windows = Windows.Of(node, image, kernel);
        node.Set(node[0].Type, image.IsUnknownRank
            ? image
            : TensorShape.Of([image[0], image[1], .. windows.Input.Select((size, i) => size < 0 ? -1 : ((size - 1) * windows.Strides[i]) + kernel[i] - windows.Before[i] - windows.After[i])]));
    }

    [Reads("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")]
    public static void ReadGlobal(NodeReader node)
    {
        if (node.Rank(0) == 4 && node.Op != "GlobalLpPool")
        {
            node.ResultLast(node.Op == "GlobalAveragePool" ? "Mean" : "Max", [node.Last(0), node.Ints(1, 2)], ("keep_dims", true));
            return;
        }
        NodeInput axes = node.Ints([.. Enumerable.Range(2, node.Rank(0) - 2).Select(axis => (long)axis)]);
        switch (node.Op)
        {
            case "GlobalAveragePool":
                node.Result("Mean", [node[0], axes], ("keep_dims", true));
                break;
            case "GlobalMaxPool":
                node.Result("Max", [node[0], axes], ("keep_dims", true));
                break;
            default:
                node.Set(0, Root(node, node.Emit("Sum", [Power(node, node[0]), axes], ("keep_dims", true))));
                break;
        }
    }

    /// <summary>Padding is the lowest value; dilated windows are maxima of slices.</summary>
    [Reads("MaxPool")]
    public static void ReadMaxPool(NodeReader node)
    {
        Windows windows = Windows.Of(node, node.Info(0).Shape, node.Integers("kernel_shape")!);
        if (node.Wants(1))
        {
            ReadWithIndices(node, windows);
            return;
        }
        DataType type = node.TypeOf(0);
        if (windows.IsDilated || (windows.Count == 3 && !Tensors.IsFloat(type)))
        {
            node.Set(0, MaximumOfSlices(node, windows));
            return;
        }
        if (windows.Count == 2)
            node.SetLast(PoolLast(node, "MaxPool", node.Last(0), windows, Lowest(type)));
        else
            node.Set(0, Pool(node, "MaxPool", node[0], windows, Lowest(type)));
    }

    private static double Lowest(DataType type) => Tensors.IsFloat(type) ? double.NegativeInfinity : Tensors.Limit(type, isLargest: false);

    private static NodeInput MaximumOfSlices(NodeReader node, Windows windows)
    {
        NodeInput padded = Padded(node, node[0], windows, Lowest(node.TypeOf(0)));
        NodeInput? maximum = null;
        foreach (long[] tap in Taps(windows))
        {
            NodeInput slice = Slice(node, padded, windows, tap);
            maximum = maximum is { } known ? node.Emit("Maximum", [known, slice]) : slice;
        }
        return maximum!.Value;
    }

    private static IEnumerable<long[]> Taps(Windows windows)
    {
        long[] tap = new long[windows.Count];
        while (true)
        {
            yield return [.. tap];
            int axis = tap.Length - 1;
            while (axis >= 0 && ++tap[axis] == windows.Kernel[axis])
                tap[axis--] = 0;
            if (axis < 0)
                yield break;
        }
    }

    private static NodeInput Slice(NodeReader node, NodeInput padded, Windows windows, long[] tap)
    {
        if (Array.Exists(windows.Output, size => size < 0))
            throw OnnxDiagnostics.Decline("dilated windows over an image of unknown size");
        long[] begins = [0, 0, .. tap.Select((index, i) => index * windows.Dilations[i])];
        long[] ends = [0, 0, .. tap.Select((index, i) => (index * windows.Dilations[i]) + ((windows.Output[i] - 1) * windows.Strides[i]) + 1)];
        return node.Emit("StridedSlice", [padded, node.Ints(begins), node.Ints(ends), node.Ints([1, 1, .. windows.Strides])], ("begin_mask", 3), ("end_mask", 3));
    }

    /// <summary>The image with its padding, what rounding up adds included.</summary>
    private static NodeInput Padded(NodeReader node, NodeInput image, Windows windows, double value)
    {
        if (windows.IsUnpadded && !windows.Overhangs)
            return image;
        long[] pairs = [0, 0, 0, 0, .. Enumerable.Range(0, windows.Count).SelectMany(i => new[] { windows.Before[i], windows.After[i] + windows.Overhang(i) })];
        if (Array.Exists(pairs, pad => pad < 0))
            throw OnnxDiagnostics.Decline("negative padding");
        NodeInput paddings = node.Const(Tensors.Integers(DataType.Int32, TensorShape.Of(windows.Count + 2, 2), pairs));
        DataType type = node.Scope.Emitter.TypeOf(image);
        return value == 0 ? node.Emit("Pad", [image, paddings]) : node.Emit("PadV2", [image, paddings, node.Scalar(type, value)]);
    }

    /// <summary>A pooling op over an image of two dimensions with channels last.</summary>
    private static NodeInput PoolLast(NodeReader node, string op, NodeInput image, Windows windows, double padding)
    {
        NodeInput padded = windows.IsSame ? image : PaddedLast(node, image, windows, padding);
        return node.Emit(op, [padded], ("ksize", AttributeValue.Ints([1, .. windows.Kernel, 1])), ("strides", AttributeValue.Ints([1, .. windows.Strides, 1])), ("padding", windows.IsSame ? "SAME" : "VALID"));
    }

    private static NodeInput PaddedLast(NodeReader node, NodeInput image, Windows windows, double value)
    {
        if (windows.IsUnpadded && !windows.Overhangs)
            return image;
        long[] pairs = [0, 0, .. Enumerable.Range(0, windows.Count).SelectMany(i => new[] { windows.Before[i], windows.After[i] + windows.Overhang(i) }), 0, 0];
        if (Array.Exists(pairs, pad => pad < 0))
            throw OnnxDiagnostics.Decline("negative padding");
        NodeInput paddings = node.Const(Tensors.Integers(DataType.Int32, TensorShape.Of(4, 2), pairs));
        return value == 0 ? node.Emit("Pad", [image, paddings]) : node.Emit("PadV2", [image, paddings, node.Scalar(node.Scope.Emitter.TypeOf(image), value)]);
    }

    /// <summary>A pooling op over two or three dimensions; one dimension gets another of 1.</summary>
    private static NodeInput Pool(NodeReader node, string op, NodeInput image, Windows windows, double padding)
    {
        if (windows.Count == 2)
            return node.Transpose(PoolLast(node, op, node.Transpose(image, 0, 2, 3, 1), windows, padding), 0, 3, 1, 2);
        bool isSame = windows.IsSame;
        NodeInput padded = isSame ? image : Padded(node, image, windows, padding);
        if (windows.Count == 1)
            padded = node.Emit("ExpandDims", [padded, node.Int(2)]);
        long[] ones = windows.Count == 1 ? [1, 1, 1] : [1, 1];
        NodeInput pooled = node.Emit(windows.Count == 3 ? op + "3D" : op, [padded],
            ("ksize", AttributeValue.Ints([.. ones, .. windows.Kernel])), ("strides", AttributeValue.Ints([.. ones, .. windows.Strides])),
            ("padding", isSame ? "SAME" : "VALID"), ("data_format", windows.Count == 3 ? "NCDHW" : "NCHW"));
        return windows.Count == 1 ? node.Emit("Squeeze", [pooled], ("squeeze_dims", AttributeValue.Ints(2))) : pooled;
    }

    /// <summary>The mean counts the padding only when it is asked for, and never what rounding up adds.</summary>
    [Reads("AveragePool", Declines = "dilations over an image of unknown size")]
    public static void ReadAveragePool(NodeReader node)
    {
        Windows windows = Windows.Of(node, node.Info(0).Shape, node.Integers("kernel_shape")!);
        bool countsPadding = node.Flag("count_include_pad");
        bool isPlain = !windows.IsDilated && !windows.Overhangs && (windows.IsUnpadded || (windows.IsSame && !countsPadding) || countsPadding);
        if (isPlain)
        {
            Windows plain = countsPadding && !windows.IsUnpadded ? windows with { IsSame = false } : windows;
            if (windows.Count == 2)
                node.SetLast(PoolLast(node, "AvgPool", node.Last(0), plain, 0));
            else
                node.Set(0, Pool(node, "AvgPool", node[0], plain, 0));
            return;
        }
        if (Array.Exists(windows.Output, size => size < 0))
        {
            ReadUnknownSize(node, windows);
            return;
        }
        NodeInput sums = Sums(node, node[0], windows);
        node.Result("RealDiv", [sums, node.Cast(node.Const(Counts(windows, countsPadding)), node.TypeOf(0))]);
    }

    private static void ReadUnknownSize(NodeReader node, Windows windows)
    {
        if (windows.IsDilated)
            throw OnnxDiagnostics.Decline("dilated windows over an image of unknown size");
        Windows plain = windows with { IsSame = false };
        NodeInput means = Pool(node, "AvgPool", node[0], plain, 0);
        NodeInput ones = node.Emit("AddV2", [node.Emit("ZerosLike", [node[0]]), node.Scalar(node.TypeOf(0), 1)]);
        node.Result("RealDiv", [means, Pool(node, "AvgPool", ones, plain, 0)]);
    }

    private static NodeInput Sums(NodeReader node, NodeInput image, Windows windows)
    {
        if (windows.IsDilated)
            return Taps(windows).Select(tap => Slice(node, Padded(node, image, windows, 0), windows, tap)).Aggregate((left, right) => node.Emit("AddV2", [left, right]));
        NodeInput means = Pool(node, "AvgPool", image, windows with { IsSame = false }, 0);
        long size = windows.Kernel.Aggregate(1L, (product, length) => product * length);
        return node.Emit("Mul", [means, node.Scalar(node.Scope.Emitter.TypeOf(image), size)]);
    }

    /// <summary>Number of elements that each window counts, [1, 1, spatial…].</summary>
    private static Tensor Counts(Windows windows, bool countsPadding)
    {
        float[] counts = [1];
        for (int axis = 0; axis < windows.Count; axis++)
        {
            long least = countsPadding ? -windows.Before[axis] : 0;
            long most = windows.Input[axis] + (countsPadding ? windows.After[axis] : 0);
            float[] along = new float[windows.Output[axis]];
            for (int i = 0; i < along.Length; i++)
            {
                for (long tap = 0; tap < windows.Kernel[axis]; tap++)
                {
                    long at = (i * windows.Strides[axis]) - windows.Before[axis] + (tap * windows.Dilations[axis]);
                    along[i] += at >= least && at < most ? 1 : 0;
                }
            }
            counts = [.. counts.SelectMany(_ => along, (outer, inner) => outer * inner)];
        }
        return Tensor.Create<float>(DataType.Float, TensorShape.Of([1, 1, .. windows.Output]), counts);
    }

    [Reads("LpPool")]
    public static void ReadLpPool(NodeReader node)
    {
        Windows windows = Windows.Of(node, node.Info(0).Shape, node.Integers("kernel_shape")!);
        node.Set(0, Root(node, Sums(node, Power(node, node[0]), windows)));
    }

    private static NodeInput Power(NodeReader node, NodeInput x) => node.Integer("p", 2) switch
    {
        1 => node.Emit("Abs", [x]),
        2 => node.Emit("Square", [x]),
        var p => node.Emit("Pow", [node.Emit("Abs", [x]), node.Scalar(node.TypeOf(0), p)]),
    };

    private static NodeInput Root(NodeReader node, NodeInput sum) => node.Integer("p", 2) switch
    {
        1 => sum,
        2 => node.Emit("Sqrt", [sum]),
        var p => node.Emit("Pow", [sum, node.Scalar(node.TypeOf(0), 1.0 / p)]),
    };

    /// <summary>Places of the maxima in the whole tensor with channels first; TensorFlow counts within an image with channels last.</summary>
    private static void ReadWithIndices(NodeReader node, Windows windows)
    {
        TensorShape shape = node.Info(0).Shape;
        if (windows.Count != 2 || windows.IsDilated || !TensorShape.Of([.. shape.Dimensions.Skip(1)]).IsFullyKnown)
            throw OnnxDiagnostics.Decline("indices of windows that are dilated, not over two dimensions, or over an image of unknown size");
        NodeInput padded = Padded(node, node[0], windows, Lowest(node.TypeOf(0)));
        NodeInput[] found = node.EmitAll("MaxPoolWithArgmax", [node.Transpose(padded, 0, 2, 3, 1)],
            ("ksize", AttributeValue.Ints(1, windows.Kernel[0], windows.Kernel[1], 1)), ("strides", AttributeValue.Ints(1, windows.Strides[0], windows.Strides[1], 1)), ("padding", "VALID"));
        node.Set(0, node.Transpose(found[0], 0, 3, 1, 2));
        NodeInput Long(long value) => node.Scalar(DataType.Int64, value);
        long width = shape[3] + windows.Before[1] + windows.After[1] + windows.Overhang(1);
        NodeInput index = node.Transpose(found[1], 0, 3, 1, 2);
        NodeInput channel = node.Emit("FloorMod", [index, Long(shape[1])]);
        NodeInput place = node.Emit("FloorDiv", [index, Long(shape[1])]);
        NodeInput y = node.Emit("Sub", [node.Emit("FloorDiv", [place, Long(width)]), Long(windows.Before[0])]);
        NodeInput x = node.Emit("Sub", [node.Emit("FloorMod", [place, Long(width)]), Long(windows.Before[1])]);
        NodeInput within = node.Flag("storage_order")
            ? node.Emit("AddV2", [node.Emit("Mul", [x, Long(shape[2])]), y])
            : node.Emit("AddV2", [node.Emit("Mul", [y, Long(shape[3])]), x]);
        NodeInput batch = node.Emit("StridedSlice", [node.Emit("Shape", [node[0]], ("out_type", DataType.Int64)), node.Ints(0), node.Ints(1), node.Ints(1)], ("shrink_axis_mask", 1));
        NodeInput image = node.Reshape(node.Emit("Range", [Long(0), batch, Long(1)]), -1, 1, 1, 1);
        NodeInput plane = node.Emit("AddV2", [node.Emit("Mul", [image, Long(shape[1])]), channel]);
        node.Set(1, node.Emit("AddV2", [node.Emit("Mul", [plane, Long(shape[2] * shape[3])]), within]));
    }

    /// <summary>Puts maxima back where their indices say, in a tensor that a shape may make larger.</summary>
    [Reads("MaxUnpool")]
    public static void ReadUnpool(NodeReader node)
    {
        TensorShape image = node.Info(0).Shape;
        Windows windows = Windows.Of(node, image, node.Integers("kernel_shape")!);
        if (!image.IsFullyKnown)
            throw OnnxDiagnostics.Decline("the shape must be known");
        long[] natural = [image[0], image[1], .. windows.Input.Select((size, i) => ((size - 1) * windows.Strides[i]) + windows.Kernel[i] - windows.Before[i] - windows.After[i])];
        long[] target = !node.Has(2) ? natural : node.Output(0) is { Shape.IsFullyKnown: true } declared ? [.. declared.Shape.Dimensions] : node.InputOr(2, "output_shape")!;
        NodeInput indices = node.Reshape(node[1], -1, 1);
        if (!target.SequenceEqual(natural))
        {
            NodeInput Long(long value) => node.Scalar(DataType.Int64, value);
            long size = natural[2] * natural[3];
            NodeInput plane = node.Emit("FloorDiv", [indices, Long(size)]);
            NodeInput within = node.Emit("FloorMod", [indices, Long(size)]);
            NodeInput y = node.Emit("FloorDiv", [within, Long(natural[3])]);
            NodeInput x = node.Emit("FloorMod", [within, Long(natural[3])]);
            indices = node.Emit("AddV2", [node.Emit("Mul", [node.Emit("AddV2", [node.Emit("Mul", [plane, Long(target[2])]), y]), Long(target[3])]), x]);
        }
        long total = target.Aggregate(1L, (product, dimension) => checked(product * dimension));
        NodeInput flat = node.Emit("ScatterNd", [indices, node.Reshape(node[0], -1), node.Longs(total)]);
        node.Result("Reshape", [flat, node.Ints(target)]);
    }
}
