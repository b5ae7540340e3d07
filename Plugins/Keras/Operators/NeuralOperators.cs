using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Layers;

namespace TransformFramework.Keras.Operators;

/// <summary>Activations, pools, products and images as operators.</summary>
internal static class NeuralOperators
{
    [KerasOperator("LeakyRelu", "nn.leaky_relu")]
    public static ImmutableArray<Symbol> LeakyRelu(OperatorCall call) => [call.Graph.Unary("LeakyRelu", call.Tensor(0), null, ("alpha", (float)call.Number(0.2, 1, "negative_slope", "alpha")))];

    [KerasOperator("Elu", "nn.elu")]
    public static ImmutableArray<Symbol> Elu(OperatorCall call) => [EluLayer.Apply(call.Graph, call.Tensor(0), call.Number(1, 1, "alpha"))];

    [KerasOperator("Silu", "Swish", "nn.silu", "nn.swish")]
    public static ImmutableArray<Symbol> Silu(OperatorCall call) => [Named(call, "silu")];

    [KerasOperator("Gelu", "nn.gelu")]
    public static ImmutableArray<Symbol> Gelu(OperatorCall call) => [Activation.Gelu(call.Graph, call.Tensor(0), call.Flag(call.Generation == 3, 1, "approximate"))];

    [KerasOperator("HardSigmoid")]
    public static ImmutableArray<Symbol> HardSigmoid(OperatorCall call) => [Named(call, "hard_sigmoid")];

    [KerasOperator("HardSilu", "HardSwish")]
    public static ImmutableArray<Symbol> HardSilu(OperatorCall call) => [Named(call, "hard_silu")];

    [KerasOperator("LogSigmoid", "math.log_sigmoid")]
    public static ImmutableArray<Symbol> LogSigmoid(OperatorCall call) => [Named(call, "log_sigmoid")];

    [KerasOperator("Mish")]
    public static ImmutableArray<Symbol> Mish(OperatorCall call) => [Named(call, "mish")];

    [KerasOperator("HardTanh")]
    public static ImmutableArray<Symbol> HardTanh(OperatorCall call) => [Named(call, "hard_tanh")];

    [KerasOperator("TanhShrink")]
    public static ImmutableArray<Symbol> TanhShrink(OperatorCall call) => [Named(call, "tanh_shrink")];

    [KerasOperator("SparsePlus")]
    public static ImmutableArray<Symbol> SparsePlus(OperatorCall call) => [Named(call, "sparse_plus")];

    [KerasOperator("SparseSigmoid")]
    public static ImmutableArray<Symbol> SparseSigmoid(OperatorCall call) => [Named(call, "sparse_sigmoid")];

    [KerasOperator("Squareplus")]
    public static ImmutableArray<Symbol> SquarePlus(OperatorCall call) => call.Number(4, 1, "b") == 4 ? [Named(call, "squareplus")] : throw KerasException.Option("squareplus with another b than 4");

    [KerasOperator("Celu")]
    public static ImmutableArray<Symbol> Celu(OperatorCall call) => [Activation.Celu(call.Graph, call.Tensor(0), call.Number(1, 1, "alpha"))];

    [KerasOperator("Glu")]
    public static ImmutableArray<Symbol> Glu(OperatorCall call) => [Activation.Glu(call.Graph, call.Tensor(0), (int)(call.Integer(1, "axis") ?? -1))];

    [KerasOperator("HardShrink")]
    public static ImmutableArray<Symbol> HardShrink(OperatorCall call) => [Activation.HardShrink(call.Graph, call.Tensor(0), call.Number(0.5, 1, "threshold"))];

    [KerasOperator("SoftShrink")]
    public static ImmutableArray<Symbol> SoftShrink(OperatorCall call) => [Activation.SoftShrink(call.Graph, call.Tensor(0), call.Number(0.5, 1, "threshold"))];

    [KerasOperator("Threshold")]
    public static ImmutableArray<Symbol> Threshold(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        Symbol limit = call.Tensor(1, x, "threshold");
        return [call.Graph.Select(call.Graph.Compare("Greater", x, call.Graph.Cast(limit, x.Type)), x, call.Graph.Cast(call.Tensor(2, x, "default_value"), x.Type))];
    }

    [KerasOperator("Sparsemax")]
    public static ImmutableArray<Symbol> Sparsemax(OperatorCall call) =>
        call.Integer(1, "axis") is null or -1 ? [Named(call, "sparsemax")] : throw KerasException.Option("sparsemax along another axis than the last");

    [KerasOperator("Softmax", "nn.softmax")]
    public static ImmutableArray<Symbol> Softmax(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        return [SoftmaxLayer.Apply(call.Graph, x, Axes.Normalize(call.Integers(1, "axis") ?? [-1], x.Rank))];
    }

    [KerasOperator("LogSoftmax", "nn.log_softmax")]
    public static ImmutableArray<Symbol> LogSoftmax(OperatorCall call) => [call.Graph.Softmax(call.Tensor(0), (int)(call.Integer(1, "axis") ?? -1), "LogSoftmax")];

    [KerasOperator("Normalize", "math.l2_normalize", "nn.l2_normalize")]
    public static ImmutableArray<Symbol> Normalize(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        if (call.Number(2, 2, "order") != 2)
            throw KerasException.Option("normalize of another order than 2");
        return [UnitNormalizationLayer.Apply(call.Graph, x, Axes.Normalize(call.Integers(1, "axis") ?? [-1], x.Rank), call.Number(1e-12, -1, "epsilon"))];
    }

    [KerasOperator("Matmul", "linalg.matmul", "matmul")]
    public static ImmutableArray<Symbol> Matmul(OperatorCall call)
    {
        (Symbol x, Symbol y) = BinaryOperators.Operands(call);
        bool left = call.Flag(false, -1, "transpose_a", "adjoint_a");
        bool right = call.Flag(false, -1, "transpose_b", "adjoint_b");
        if (x.Rank == 2 && y.Rank == 2 && !left)
            return [call.Graph.MatMul(x, y, "MatMul", right)];
        if (x.Rank >= 2 && y.Rank >= 2)
            return [call.Graph.BatchMatMul(x, y, left, right)];
        Symbol wideX = x.Rank == 1 ? call.Graph.ExpandDims(x, 0) : x;
        Symbol wideY = y.Rank == 1 ? call.Graph.ExpandDims(y, 1) : y;
        Symbol product = call.Graph.BatchMatMul(wideX, wideY);
        ImmutableArray<int> gone = [.. x.Rank == 1 ? [-2] : Array.Empty<int>(), .. y.Rank == 1 ? [-1] : Array.Empty<int>()];
        return [call.Graph.Squeeze(product, gone)];
    }

    [KerasOperator("Einsum", "einsum")]
    public static ImmutableArray<Symbol> Einsum(OperatorCall call)
    {
        string equation = call.Text("", -1, "subscripts", "equation");
        ImmutableArray<Symbol> inputs = call.Tensors();
        if (inputs.IsEmpty || equation.Length == 0)
            throw KerasException.Option("einsum, of which the file lost the operands");
        return [call.Graph.Einsum(equation, inputs)];
    }

    [KerasOperator("AveragePool", "nn.avg_pool2d", "nn.avg_pool", "compat.v1.nn.avg_pool")]
    public static ImmutableArray<Symbol> AveragePool(OperatorCall call) => [Pool(call, "AvgPool")];

    [KerasOperator("MaxPool", "nn.max_pool2d", "nn.max_pool", "compat.v1.nn.max_pool")]
    public static ImmutableArray<Symbol> MaxPool(OperatorCall call) => [Pool(call, "MaxPool")];

    [KerasOperator("DepthToSpace", "nn.depth_to_space")]
    public static ImmutableArray<Symbol> DepthToSpace(OperatorCall call)
    {
        (Symbol x, long block) = Blocks(call);
        if (x.KnownDimension(3) % (block * block) != 0)
            throw KerasException.Configuration($"{x.Shape} has not a multiple of {block * block} channels");
        TensorShape shape = TensorShape.Of(x.Shape[0], Times(x.Shape[1], block), Times(x.Shape[2], block), x.Shape[3] / (block * block));
        return [call.Graph.Add("DepthToSpace", "DepthToSpace", shape, [x], ("block_size", block))];
    }

    [KerasOperator("SpaceToDepth", "nn.space_to_depth")]
    public static ImmutableArray<Symbol> SpaceToDepth(OperatorCall call)
    {
        (Symbol x, long block) = Blocks(call);
        TensorShape shape = TensorShape.Of(x.Shape[0], x.Shape[1] < 0 ? -1 : x.Shape[1] / block, x.Shape[2] < 0 ? -1 : x.Shape[2] / block, Times(x.Shape[3], block * block));
        return [call.Graph.Add("SpaceToDepth", "SpaceToDepth", shape, [x], ("block_size", block))];
    }

    /// <summary>A convolution with a kernel that is a tensor or a constant.</summary>
    [KerasOperator("Conv", "nn.conv2d")]
    public static ImmutableArray<Symbol> Convolution(OperatorCall call)
    {
        Symbol x = call.Tensor(0, null, "inputs", "input");
        Symbol kernel = call.Tensor(1, x, "kernel", "filters");
        int axes = x.Rank - 2;
        bool channelsFirst = call.Text("channels_last", -1, "data_format") is "channels_first" or "NCHW";
        ImmutableArray<long> strides = Spatial(call.Integers(2, "strides"), axes) ?? [.. Enumerable.Repeat(1L, axes)];
        ImmutableArray<long> dilations = Spatial(call.Integers(-1, "dilation_rate", "dilations"), axes) ?? [.. Enumerable.Repeat(1L, axes)];
        string padding = call.Text("valid", 3, "padding").ToUpperInvariant();
        if (axes is not (1 or 2 or 3) || kernel.Rank != x.Rank || padding is not ("SAME" or "VALID") || strides.Concat(dilations).Any(value => value < 1))
            throw KerasException.Option($"a convolution of {x.Shape} and {kernel.Shape} with padding {padding}");
        var settings = new ConvolutionSettings(new([.. Enumerable.Range(0, axes).Select(kernel.KnownDimension)], strides, dilations, padding, channelsFirst), IsCausal: false);
        if (axes > 1)
            return [call.Graph.Convolution(x, kernel, settings.Window)];
        Symbol flat = call.Graph.Convolution(settings.Expand(call.Graph, x, "ExpandDims"), call.Graph.ExpandDims(kernel, 0, "ExpandDims_1"), settings.Flat);
        return [settings.Collapse(call.Graph, flat, "Squeeze")];
    }

    /// <summary>1 for every category that occurs in a row.</summary>
    [KerasOperator("MultiHot")]
    public static ImmutableArray<Symbol> MultiHot(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        if ((call.Integer(2, "axis") ?? -1) != -1)
            throw KerasException.Option("multi_hot along another axis than the last");
        return [call.Graph.Reduce("Max", OneHot(call)[0], [x.Rank > 1 ? 1 : 0])];
    }

    [KerasOperator("OneHot", "one_hot")]
    public static ImmutableArray<Symbol> OneHot(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        Symbol indices = x.Type is DataType.Int32 or DataType.Int64 or DataType.UInt8 ? x : call.Graph.Cast(x, DataType.Int32);
        long depth = call.Integer(1, "num_classes", "num_tokens", "depth") ?? throw KerasException.Configuration("its depth is missing");
        int axis = (int)(call.Integer(-1, "axis") ?? -1);
        DataType type = call.Type(DataType.Float, -1, "dtype");
        int at = Axes.Normalize(axis, x.Rank + 1);
        return [call.Graph.Add("OneHot", "one_hot", x.Shape.Insert(at, depth),
            [indices, call.Graph.Int("one_hot/depth", depth), call.Graph.Scalar("one_hot/on_value", type, call.Number(1, -1, "on_value")), call.Graph.Scalar("one_hot/off_value", type, call.Number(0, -1, "off_value"))], ("axis", axis == x.Rank ? -1 : axis))];
    }

    [KerasOperator("Resize", "image.resize")]
    public static ImmutableArray<Symbol> Resize(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        ImmutableArray<long> size = call.Integers(1, "size") ?? throw KerasException.Configuration("its size is missing");
        if (size.Length != 2 || call.Flag(false, -1, "crop_to_aspect_ratio") || call.Flag(false, -1, "pad_to_aspect_ratio") || call.Flag(false, -1, "preserve_aspect_ratio"))
            throw KerasException.Option("resize that keeps the ratio of height and width");
        bool isSingle = x.Rank == 3;
        Symbol images = isSingle ? call.Graph.ExpandDims(x, 0) : x;
        bool channelsFirst = call.Text("channels_last", -1, "data_format") == "channels_first";
        images = channelsFirst ? call.Graph.Transpose(images, [0, 2, 3, 1]) : images;
        Symbol y = ResizeOps.Resize(call.Graph, images, [size[0], size[1]], call.Text("bilinear", 2, "interpolation", "method"), call.Flag(false, -1, "antialias"));
        y = call.Generation == 3 && x.IsFloating ? call.Graph.Cast(y, x.Type) : y;
        y = channelsFirst ? call.Graph.Transpose(y, [0, 3, 1, 2], "transpose_1") : y;
        return [isSingle ? call.Graph.Squeeze(y, [0]) : y];
    }

    private static Symbol Named(OperatorCall call, string name) => Activation.Apply(call.Graph, name, call.Tensor(0), call.Generation);

    private static long Times(long size, long factor) => size < 0 ? -1 : size * factor;

    private static (Symbol X, long Block) Blocks(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        long block = call.Integer(1, "block_size") ?? 0;
        return x.Rank == 4 && block is > 1 and < 1 << 12 && call.Text("NHWC", -1, "data_format") is "NHWC" or "channels_last" ? (x, block) : throw KerasException.Option($"blocks of {block} in {x.Shape}");
    }

    private static Symbol Pool(OperatorCall call, string op)
    {
        Symbol x = call.Tensor(0);
        int axes = x.Rank - 2;
        bool channelsFirst = call.Text("channels_last", -1, "data_format") is "channels_first" or "NCHW";
        ImmutableArray<long> size = Spatial(call.Integers(1, "pool_size", "ksize"), axes) ?? throw KerasException.Configuration("its window is missing");
        ImmutableArray<long> strides = Spatial(call.Integers(2, "strides"), axes) ?? size;
        string padding = call.Text("valid", 3, "padding").ToUpperInvariant();
        if (axes is not (1 or 2 or 3) || padding is not ("SAME" or "VALID") || size.Concat(strides).Any(value => value < 1))
            throw KerasException.Configuration($"a pool of {string.Join(" × ", size)} over {x.Shape}");
        var settings = new ConvolutionSettings(Window.Plain(size, strides, padding, channelsFirst), IsCausal: false);
        if (axes == 1)
            return settings.Collapse(call.Graph, call.Graph.Pool(op, settings.Expand(call.Graph, x, "ExpandDims"), settings.Flat), "Squeeze");
        return call.Graph.Pool(axes == 3 ? op + "3D" : op, x, settings.Window);
    }

    /// <summary>One number an axis; TensorFlow's functions also take numbers for batch and channels.</summary>
    private static ImmutableArray<long>? Spatial(ImmutableArray<long>? given, int axes) => given switch
    {
        null => null,
        { Length: 1 } one => [.. Enumerable.Repeat(one[0], axes)],
        { } many when many.Length == axes + 2 => many[1..^1],
        { } exact => exact.Length == axes ? exact : throw KerasException.Configuration($"{exact.Length} numbers for {axes} axes"),
    };
}
