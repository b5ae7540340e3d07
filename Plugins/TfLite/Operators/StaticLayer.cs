using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Layers of int8 data and weights as the fused ops of static graphs. quint8 values u are int8 elements plus 128, so that with z the value of zero
/// <code>
/// Σ w·(u - z) + b  =  Σ w·u + (b - z·Σ w)          and the result's zero is z' / unit more in the bias, unit = scale · scale of w / scale of the result
/// </code>
/// Data whose zero is not 0 are padded before, with real zeros; the op itself would pad with the value 0.
/// </summary>
internal sealed class StaticLayer
{
    private const int WeightLevels = 127;
    private const double LargestBias = 1 << 30;
    private const int Relu = 1;
    private const int Relu6 = 3;

    private readonly OperatorReader op;
    private readonly TensorViews data;
    private readonly TensorViews result;
    private readonly TfLiteTensor weights;
    private readonly int[] bias;

    private StaticLayer(OperatorReader op, TensorViews data, TensorViews result, TfLiteTensor weights, int[] bias)
    {
        this.op = op;
        this.data = data;
        this.result = result;
        this.weights = weights;
        this.bias = bias;
    }

    /// <summary>The layer as a fused op, or null when it has none: other types, an activation that clips within the range, a bias beyond 30 bits.</summary>
    /// <param name="op">The operator: data, weights, bias.</param>
    /// <param name="layer">Its weights.</param>
    /// <param name="isDepthwise">True when each channel is weighted by itself.</param>
    public static StaticLayer? Of(OperatorReader op, LayerReader layer, bool isDepthwise)
    {
        TensorViews from = op.Input(0);
        TensorViews to = op.Output();
        TfLiteTensor filter = op.Input(1).Tensor;
        bool isStatic = from.Tensor is { Type: TensorType.Int8, Quantization.IsPerTensor: true } && to.Tensor is { Type: TensorType.Int8, Quantization.IsPerTensor: true }
            && filter is { Type: TensorType.Int8, Quantization: not null } && layer.Elements is not null && from.Constant is null && (!op.Has(2) || op.Input(2).Constant is { Type: DataType.Int32 });
        if (!isStatic || !IsClippedByRange(op.Options.Int("activation"), to.Range))
            return null;
        int channels = isDepthwise ? filter.Shape[^1] : filter.Shape[0];
        return Bias(op, layer.Elements!, filter.Quantization!, channels, isDepthwise) is { } shifted ? new(op, from, to, filter, shifted) : null;
    }

    /// <summary>Adds a convolution of four-dimensional data.</summary>
    /// <param name="type">The fused op, without its end.</param>
    /// <param name="filter">Weights in the op's order.</param>
    /// <param name="padding">True to pad the data as SAME does.</param>
    /// <param name="attributes">Strides and dilations.</param>
    public Value Convolve(string type, Tensor filter, bool padding, IEnumerable<(string, AttributeValue)> attributes)
    {
        bool isPadded = padding && data.Range.Zero != 0;
        return Add(type, isPadded ? Padded(filter) : data.Quantized, filter, padding && !isPadded ? "SAME" : "VALID", attributes);
    }

    /// <summary>Adds a product of rows as a convolution of one pixel.</summary>
    /// <param name="filter">Weights [1, 1, inputs, outputs].</param>
    public Value Multiply(Tensor filter)
    {
        Value columns = op.Node("Reshape", [data.Quantized, op.Graph.Integers(-1, 1, 1, (int)filter.Shape[2])]);
        Value product = Add("QuantizedConv2D", columns, filter, "VALID", [("strides", AttributeValue.Ints(1, 1, 1, 1))]);
        return op.Node("Reshape", [product, RowShape(filter)]);
    }

    private Value RowShape(Tensor filter)
    {
        int[] shape = [.. result.Tensor.GraphShape.Dimensions.Select(size => (int)size)];
        return op.Graph.Integers(shape.Length == 2 ? [-1, (int)filter.Shape[3]] : shape);
    }

    private Value Add(string type, Value input, Tensor filter, string padding, IEnumerable<(string, AttributeValue)> attributes)
    {
        TfLiteQuantization scales = weights.Quantization!;
        TensorShape shape = scales.IsPerTensor ? TensorShape.Scalar : TensorShape.Of(scales.Scales.Length);
        float[] ends = [.. scales.Scales.Select(scale => WeightLevels * scale)];
        string name = op.Input(1).Name;
        Value[] inputs =
        [
            input,
            op.Graph.Constant(Tensor.FromContent(DataType.QInt8, filter.Shape, filter.Bytes), name),
            op.Graph.Constant(Tensor.Create<int>(DataType.QInt32, TensorShape.Of(bias.Length), bias), op.Has(2) ? op.Input(2).Name : name + "/bias"),
            op.Graph.Constant(0f),
            op.Graph.Constant(Top(data.Range)),
            op.Graph.Constant(Tensor.Create<float>(DataType.Float, shape, [.. ends.Select(end => -end)]), name + "/range_min"),
            op.Graph.Constant(Tensor.Create<float>(DataType.Float, shape, ends), name + "/range_max"),
            op.Graph.Constant(0f),
            op.Graph.Constant(Top(result.Range)),
        ];
        return op.Node(type + "WithBiasAndReluAndRequantize", [.. inputs],
            [("Tinput", DataType.QUInt8), ("Tfilter", DataType.QInt8), ("Tbias", DataType.QInt32), ("out_type", DataType.QUInt8), ("padding", padding), .. attributes]);
    }

    /// <summary>The data with real zeros around, by the sizes in the file.</summary>
    private Value Padded(Tensor filter)
    {
        var (top, bottom) = Around(1, (int)filter.Shape[0], "stride_h", "dilation_h");
        var (left, right) = Around(2, (int)filter.Shape[1], "stride_w", "dilation_w");
        Value padded = op.Node("Pad", [data.Real, op.Graph.Constant(Tensor.Create<int>(DataType.Int32, TensorShape.Of(4, 2), [0, 0, top, bottom, left, right, 0, 0]))]);
        return Quantization8.Quantize(op.Graph, data.Range, padded);
    }

    private (int Before, int After) Around(int axis, int filter, string stride, string dilation)
    {
        int size = data.Tensor.Shape[axis];
        int step = Windows.Size(op, stride);
        int reach = ((filter - 1) * Windows.Size(op, dilation)) + 1;
        int total = Math.Max(0, ((((size + step - 1) / step) - 1) * step) + reach - size);
        return (total / 2, total - (total / 2));
    }

    /// <summary>The end of a range as fused ops have it: from the value 0 on.</summary>
    private static float Top(QuantizedRange range) => (float)(QuantizedRange.Levels * (double)range.Scale);

    /// <summary>True when an activation clips nothing that the range does not clip.</summary>
    private static bool IsClippedByRange(int activation, QuantizedRange range) => activation switch
    {
        0 => true,
        Relu => range.Zero == 0,
        Relu6 => range.Zero == 0 && Math.Round(6 / (double)range.Scale) >= QuantizedRange.Levels,
        _ => false,
    };

    private static int[]? Bias(OperatorReader op, Tensor elements, TfLiteQuantization scales, int channels, bool isDepthwise)
    {
        QuantizedRange from = op.Input(0).Range;
        QuantizedRange to = op.Output().Range;
        int[] stored = op.Has(2) ? op.Input(2).Constant!.AsSpan<int>().ToArray() : new int[channels];
        if (stored.Length != channels || channels == 0 || elements.ElementCount % channels != 0)
            throw op.Refusal($"its bias has {stored.Length} elements for {channels} channels");
        long[] sums = new long[channels];
        ReadOnlySpan<sbyte> quantized = elements.AsSpan<sbyte>();
        int inner = quantized.Length / channels;
        for (int i = 0; i < quantized.Length; i++)
            sums[isDepthwise ? i % channels : i / inner] += quantized[i];
        int[] shifted = new int[channels];
        for (int c = 0; c < channels; c++)
        {
            double unit = (double)from.Scale * scales.Scales[c % scales.Scales.Length];
            double value = stored[c] - ((double)from.Zero * sums[c]) + Math.Round(to.Zero * (double)to.Scale / unit);
            if (!(Math.Abs(value) < LargestBias))
                return null;
            shifted[c] = (int)value;
        }
        return shifted;
    }
}
