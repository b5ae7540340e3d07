using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Convolutions and transposed convolutions over one to three spatial dimensions.</summary>
internal static partial class Convolutions
{
    [Infers("Conv", "ConvInteger")]
    public static void InferConv(NodeInference node)
    {
        TensorShape image = node[0].Shape;
        TensorShape filter = node[1].Shape;
        DataType type = node.Op == "ConvInteger" ? DataType.Int32 : node[0].Type;
        if (node.Op == "Conv")
            node.RequireSameType(0, 1);
        node.Set(type, ConvShape(node, image, filter));
    }

    /// <summary>Shape of a convolution's result.</summary>
    public static TensorShape ConvShape(NodeInference node, TensorShape image, TensorShape filter)
    {
        if (filter.Rank < 3 || (!image.IsUnknownRank && image.Rank != filter.Rank))
            return filter.IsUnknownRank || image.IsUnknownRank ? TensorShape.Unknown : throw OnnxDiagnostics.Mismatch($"image and filter have the shapes {image} and {filter}");
        long group = node.Integer("group", 1);
        if (!image.IsUnknownRank && image[1] >= 0 && filter[1] >= 0 && image[1] != filter[1] * group)
            throw OnnxDiagnostics.Mismatch($"the image has {image[1]} channels, the filter of shape {filter} is for {filter[1]} in {group} groups");
        long[] kernel = node.Integers("kernel_shape") ?? [.. filter.Dimensions.Skip(2)];
        if (Array.Exists(kernel, size => size < 0))
            return TensorShape.Of([image.IsUnknownRank ? -1 : image[0], filter[0], .. kernel.Select(_ => -1L)]);
        Windows windows = Windows.Of(node, image, kernel);
        return TensorShape.Of([image.IsUnknownRank ? -1 : image[0], filter[0], .. windows.Output]);
    }

    [Infers("ConvTranspose")]
    public static void InferConvTranspose(NodeInference node)
    {
        TensorShape image = node[0].Shape;
        TensorShape filter = node[1].Shape;
        if (filter.Rank < 3 || image.IsUnknownRank)
        {
            node.Set(node[0].Type, TensorShape.Unknown);
            return;
        }
        long[] kernel = [.. filter.Dimensions.Skip(2)];
        Transposed windows = Transposed.Of(node, image, kernel);
        node.Set(node[0].Type, TensorShape.Of([image[0], filter[1] < 0 ? -1 : filter[1] * node.Integer("group", 1), .. windows.Output]));
    }

    [Reads("Conv")]
    public static void ReadConv(NodeReader node)
    {
        NodeInput? bias = node.Has(2) ? node[2] : (NodeInput?)null;
        if (node.Info(1).Rank == 4)
            node.SetLast(ConvolveLast(node, node.Last(0), node.Info(0).Shape, 1, bias));
        else
            node.Set(0, Convolve(node, node[0], node.Info(0).Shape, 1, bias));
    }

    /// <summary>Adds a convolution of an image with channels first.</summary>
    /// <param name="node">The node whose attributes say how.</param>
    /// <param name="image">The image.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="weights">Number of the input with the filter [out, in, spatial…].</param>
    /// <param name="bias">Added to each channel; null for none.</param>
    /// <param name="filter">The filter's tensor when it is another than the input's.</param>
    public static NodeInput Convolve(NodeReader node, NodeInput image, TensorShape shape, int weights, NodeInput? bias, NodeInput? filter = null)
    {
        TensorShape filterShape = node.Info(weights).Shape;
        if (filterShape.Rank is < 3 or > 5 || !TensorShape.Of([.. filterShape.Dimensions]).IsFullyKnown)
            throw OnnxDiagnostics.Decline($"a filter of shape {filterShape}; filters of known shapes over one to three dimensions are read");
        Windows windows = Windows.Of(node, shape, [.. filterShape.Dimensions.Skip(2)]);
        return windows.Count switch
        {
            1 => Convolve1D(node, image, weights, filter, windows, bias),
            2 => node.Transpose(ConvolveLast(node, node.Transpose(image, 0, 2, 3, 1), shape, weights, bias, filter), 0, 3, 1, 2),
            _ => bias is { } added ? node.Emit("BiasAdd", [Convolve3D(node, image, weights, filter, windows), added], ("data_format", "NCHW")) : Convolve3D(node, image, weights, filter, windows),
        };
    }

    /// <summary>Adds a convolution of an image over two dimensions with channels last; its shape is given with channels first.</summary>
    public static NodeInput ConvolveLast(NodeReader node, NodeInput image, TensorShape shape, int weights, NodeInput? bias, NodeInput? filter = null)
    {
        TensorShape filterShape = node.Info(weights).Shape;
        if (!filterShape.IsFullyKnown)
            throw OnnxDiagnostics.Decline($"a filter of shape {filterShape}; filters of known shapes are read");
        return WithBias(node, Convolve2D(node, image, weights, filter, Windows.Of(node, shape, [.. filterShape.Dimensions.Skip(2)])), bias);
    }

    private static NodeInput WithBias(NodeReader node, NodeInput sums, NodeInput? bias) => bias is { } added ? node.Emit("BiasAdd", [sums, added]) : sums;

    private static NodeInput Convolve1D(NodeReader node, NodeInput image, int weights, NodeInput? filter, Windows windows, NodeInput? bias)
    {
        var flat = new Windows([1, .. windows.Kernel], [1, .. windows.Strides], [1, .. windows.Dilations], [0, .. windows.Before], [0, .. windows.After], [1, .. windows.Input], [1, .. windows.Output]) { IsSame = windows.IsSame };
        NodeInput wide = node.Emit("ExpandDims", [node.Transpose(image, 0, 2, 1), node.Int(1)]);
        NodeInput sums = node.Emit("Squeeze", [WithBias(node, Convolve2D(node, wide, weights, filter, flat), bias)], ("squeeze_dims", AttributeValue.Ints(1)));
        return node.Transpose(sums, 0, 2, 1);
    }

    private static NodeInput Convolve2D(NodeReader node, NodeInput image, int weights, NodeInput? filter, Windows windows)
    {
        long group = node.Integer("group", 1);
        long outputs = node.Info(weights).Shape[0];
        long perGroup = node.Info(weights).Shape[1];
        bool isDepthwise = group > 1 && perGroup == 1 && outputs % group == 0 && windows.Strides[0] == windows.Strides[1];
        if (isDepthwise && windows.IsDilated)
            return Dilated(node, image, weights, filter, windows);
        NodeInput arranged = isDepthwise
            ? Arranged(node, weights, filter, [group, outputs / group, windows.Kernel[0], windows.Kernel[1]], 2, 3, 0, 1)
            : Arranged(node, weights, filter, [outputs, perGroup, windows.Kernel[0], windows.Kernel[1]], 2, 3, 1, 0);
        var (padding, paddings) = Padding(windows);
        if (padding == "EXPLICIT" && Array.Exists([.. windows.Before, .. windows.After], pad => pad < 0))
            throw OnnxDiagnostics.Decline("negative padding");
        List<(string, AttributeValue)> attributes =
        [
            ("strides", AttributeValue.Ints([1, .. windows.Strides, 1])), ("padding", padding),
        ];
        if (paddings.Length > 0)
            attributes.Add(("explicit_paddings", AttributeValue.Ints(paddings)));
        if (windows.IsDilated)
            attributes.Add(("dilations", AttributeValue.Ints([1, .. windows.Dilations, 1])));
        if (group == 1 || isDepthwise)
            return node.Emit(isDepthwise ? "DepthwiseConv2dNative" : "Conv2D", [image, arranged], [.. attributes]);
        NodeInput[] images = node.EmitAll("Split", [node.Int(3), image], ("num_split", group));
        NodeInput[] filters = Parts(node, arranged, weights, filter, group, [outputs, perGroup, .. windows.Kernel], 2, 3, 1, 0);
        return node.Emit("ConcatV2", [.. images.Zip(filters, (part, weight) => node.Emit("Conv2D", [part, weight], [.. attributes])), node.Int(3)]);
    }

    /// <summary>Depthwise ops ignore dilations: images are dealt into batches around one, or where that needs sizes that are not known, groups of one channel are convolved.</summary>
    private static NodeInput Dilated(NodeReader node, NodeInput image, int weights, NodeInput? filter, Windows windows)
    {
        long group = node.Integer("group", 1);
        long outputs = node.Info(weights).Shape[0];
        bool isDealt = Array.TrueForAll(windows.Strides, stride => stride == 1) && Array.TrueForAll(windows.Input, size => size >= 0);
        if (!isDealt)
        {
            NodeInput groups = Arranged(node, weights, filter, [outputs, 1, windows.Kernel[0], windows.Kernel[1]], 2, 3, 1, 0);
            var (padding, paddings) = Padding(windows);
            List<(string, AttributeValue)> attributes = [("strides", AttributeValue.Ints([1, .. windows.Strides, 1])), ("dilations", AttributeValue.Ints([1, .. windows.Dilations, 1])), ("padding", padding)];
            if (paddings.Length > 0)
                attributes.Add(("explicit_paddings", AttributeValue.Ints(paddings)));
            return node.Emit("Conv2D", [image, groups], [.. attributes]);
        }
        long Rest(int axis) => (windows.Dilations[axis] - ((windows.Input[axis] + windows.Before[axis] + windows.After[axis]) % windows.Dilations[axis])) % windows.Dilations[axis];
        NodeInput Pairs(params ReadOnlySpan<long> values) => node.Const(Tensors.Reshape(Tensors.Integers(values, DataType.Int32), 2, 2));
        NodeInput blocks = node.Ints(windows.Dilations);
        NodeInput dealt = node.Emit("SpaceToBatchND", [image, blocks, Pairs(windows.Before[0], windows.After[0] + Rest(0), windows.Before[1], windows.After[1] + Rest(1))]);
        NodeInput arranged = Arranged(node, weights, filter, [group, outputs / group, windows.Kernel[0], windows.Kernel[1]], 2, 3, 0, 1);
        NodeInput sums = node.Emit("DepthwiseConv2dNative", [dealt, arranged], ("strides", AttributeValue.Ints(1, 1, 1, 1)), ("padding", "VALID"));
        return node.Emit("BatchToSpaceND", [sums, blocks, Pairs(0, Rest(0), 0, Rest(1))]);
    }

    /// <summary>The filters of the groups, [spatial…, in, out]; of a constant each is a constant of its own.</summary>
    private static NodeInput[] Parts(NodeReader node, NodeInput arranged, int weights, NodeInput? filter, long group, long[] shape, params int[] order)
    {
        int last = order.Length - 1;
        if (filter is not null || node.Constant(weights) is not { } constant || constant.Shape[0] % group != 0)
            return node.EmitAll("Split", [node.Int(last), arranged], ("num_split", group));
        long[] part = [shape[0] / group, .. shape[1..]];
        int length = constant.Bytes.Length / (int)group;
        return [.. Enumerable.Range(0, (int)group).Select(i => node.Const(Tensors.Transpose(Tensor.FromContent(constant.Type, TensorShape.Of(part), constant.Bytes.Slice(i * length, length)), order)))];
    }

    /// <summary>TensorFlow's padding with channels last, and the pads where it is explicit.</summary>
    public static (string Padding, long[] Explicit) Padding(Windows windows) =>
        windows.IsUnpadded && !windows.IsSame ? ("VALID", [])
        : windows.IsSame ? ("SAME", [])
        : ("EXPLICIT", [0, 0, .. windows.Before.Zip(windows.After, (before, after) => new[] { before, after }).SelectMany(pair => pair), 0, 0]);

    /// <summary>The filter in another order of dimensions; a constant is rearranged at once.</summary>
    private static NodeInput Arranged(NodeReader node, int input, NodeInput? filter, long[] shape, params int[] order)
    {
        if (filter is null && node.Constant(input) is { } constant)
        {
            NodeInput arranged = node.Scope.Emitter.Constant(Tensors.Transpose(Tensors.Reshape(constant, shape), order), node.Value(input).Name);
            if (node.Value(input).Stored is { Axis: -1 or 0 } stored)
                node.Scope.Emitter.Stored[arranged.Node] = stored with { Values = Tensors.Transpose(Tensors.Reshape(stored.Values, shape), order), Axis = stored.Axis < 0 ? -1 : Array.IndexOf(order, 0) };
            return arranged;
        }
        NodeInput tensor = filter ?? node[input];
        NodeInput shaped = node.Info(input).Shape.Dimensions.SequenceEqual(shape) || shape.Length == 4 && node.Info(input).Shape.Rank == 4 && node.Info(input).Shape.Dimensions.SequenceEqual([.. shape]) ? tensor : node.Reshape(tensor, shape);
        return node.Transpose(shaped, order);
    }

    private static NodeInput Convolve3D(NodeReader node, NodeInput image, int weights, NodeInput? filter, Windows windows)
    {
        long group = node.Integer("group", 1);
        TensorShape shape = node.Info(weights).Shape;
        NodeInput arranged = Arranged(node, weights, filter, [.. shape.Dimensions], 2, 3, 4, 1, 0);
        if (!windows.IsSame && !windows.IsUnpadded)
        {
            long[] pairs = [0, 0, 0, 0, .. windows.Before.Zip(windows.After, (before, after) => new[] { before, after }).SelectMany(pair => pair)];
            image = node.Emit("Pad", [image, node.Const(Tensors.Integers(DataType.Int32, TensorShape.Of(5, 2), pairs))]);
        }
        (string, AttributeValue)[] attributes =
        [
            ("strides", AttributeValue.Ints([1, 1, .. windows.Strides])), ("dilations", AttributeValue.Ints([1, 1, .. windows.Dilations])),
            ("padding", windows.IsSame ? "SAME" : "VALID"), ("data_format", "NCDHW"),
        ];
        if (group == 1)
            return node.Emit("Conv3D", [image, arranged], attributes);
        NodeInput[] images = node.EmitAll("Split", [node.Int(1), image], ("num_split", group));
        NodeInput[] filters = Parts(node, arranged, weights, filter, group, [.. shape.Dimensions], 2, 3, 4, 1, 0);
        NodeInput[] parts = [.. images.Zip(filters, (part, weight) => node.Emit("Conv3D", [part, weight], attributes))];
        return node.Emit("ConcatV2", [.. parts, node.Int(1)]);
    }

    /// <summary>The gradient of a convolution; a group is a transposed convolution of its own.</summary>
    [Reads("ConvTranspose")]
    public static void ReadConvTranspose(NodeReader node)
    {
        TensorShape image = node.Info(0).Shape;
        TensorShape filter = node.Info(1).Shape;
        if (image.IsUnknownRank || !filter.IsFullyKnown || filter.Rank is < 3 or > 5)
            throw OnnxDiagnostics.Decline($"a filter of shape {filter} over {image}; filters of known shapes over one to three dimensions are read");
        Transposed windows = Transposed.Of(node, image, [.. filter.Dimensions.Skip(2)]);
        int count = windows.Kernel.Length;
        NodeInput data = count == 1 ? node.Emit("ExpandDims", [node[0], node.Int(2)]) : node[0];
        if (count == 1)
            windows = windows.WithLeading();
        long[] filterShape = count == 1 ? [filter[0], filter[1], 1, filter[2]] : [.. filter.Dimensions];
        int[] order = [.. Enumerable.Range(2, filterShape.Length - 2), 1, 0];
        NodeInput arranged = Arranged(node, 1, null, filterShape, order);
        long group = node.Integer("group", 1);
        NodeInput sums;
        if (group == 1)
        {
            sums = Transpose(node, data, arranged, windows, filter[1]);
        }
        else
        {
            NodeInput[] images = node.EmitAll("Split", [node.Int(1), data], ("num_split", group));
            NodeInput[] filters = node.EmitAll("Split", [node.Int(filterShape.Length - 1), arranged], ("num_split", group));
            sums = node.Emit("ConcatV2", [.. images.Zip(filters, (part, weight) => Transpose(node, part, weight, windows, filter[1])), node.Int(1)]);
        }
        if (node.Has(2))
            sums = node.Emit("BiasAdd", [sums, node[2]], ("data_format", "NCHW"));
        node.Set(0, count == 1 ? node.Emit("Squeeze", [sums], ("squeeze_dims", AttributeValue.Ints(2))) : sums);
    }

    private static NodeInput Transpose(NodeReader node, NodeInput image, NodeInput filter, Transposed windows, long channels)
    {
        bool is3D = windows.Kernel.Length == 3;
        long[] full = windows.Full;
        bool isKnown = Array.TrueForAll(full, size => size >= 0);
        NodeInput shape = node.Emit("Shape", [image]);
        NodeInput batch = node.Emit("StridedSlice", [shape, node.Ints(0), node.Ints(1), node.Ints(1)]);
        NodeInput spatial = isKnown ? node.Ints(full) : DynamicSizes(node, shape, windows);
        NodeInput sizes = node.Info(0).Shape[0] >= 0 && isKnown
            ? node.Ints([node.Info(0).Shape[0], channels, .. full])
            : node.Emit("ConcatV2", [batch, node.Ints(channels), spatial, node.Int(0)]);
        (string, AttributeValue)[] attributes =
        [
            ("strides", AttributeValue.Ints([1, 1, .. windows.Strides])), ("dilations", AttributeValue.Ints([1, 1, .. windows.Dilations])),
            ("padding", "VALID"), ("data_format", is3D ? "NCDHW" : "NCHW"),
        ];
        NodeInput result = node.Emit(is3D ? "Conv3DBackpropInputV2" : "Conv2DBackpropInput", [sizes, filter, image], attributes);
        return windows.IsUnpadded ? result : Cropped(node, result, windows);
    }

    private static NodeInput DynamicSizes(NodeReader node, NodeInput shape, Transposed windows)
    {
        NodeInput input = node.Emit("StridedSlice", [shape, node.Ints(2), node.Ints(0), node.Ints(1)], ("end_mask", 1));
        NodeInput scaled = node.Emit("Mul", [input, node.Ints(windows.Strides)]);
        return node.Emit("AddV2", [scaled, node.Ints([.. Enumerable.Range(0, windows.Kernel.Length).Select(i => windows.DilatedSize(i) - windows.Strides[i] + windows.OutputPadding[i])])]);
    }

    private static NodeInput Cropped(NodeReader node, NodeInput result, Transposed windows)
    {
        int rank = windows.Kernel.Length + 2;
        long[] grow = [.. Enumerable.Range(0, windows.Kernel.Length).SelectMany(i => new[] { Math.Max(0, -windows.Before[i]), Math.Max(0, -windows.After[i]) })];
        if (Array.Exists(grow, pad => pad > 0))
            result = node.Emit("Pad", [result, node.Const(Tensors.Integers(DataType.Int32, TensorShape.Of(rank, 2), [0, 0, 0, 0, .. grow]))]);
        long[] begins = [0, 0, .. windows.Before.Select(pad => Math.Max(0, pad))];
        long[] ends = [0, 0, .. windows.After.Select(pad => -Math.Max(0, pad))];
        long mask = ends.Select((end, axis) => end == 0 ? 1L << axis : 0).Sum();
        return node.Emit("StridedSlice", [result, node.Ints(begins), node.Ints(ends), node.Ints([.. Enumerable.Repeat(1L, rank)])], ("end_mask", mask));
    }
}
