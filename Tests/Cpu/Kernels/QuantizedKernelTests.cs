using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using static TransformFramework.Cpu.NodeRun;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Quantized ops where the kernel oracle has no cases: odd ranges throughout, later attributes, refusals, shapes.</summary>
public sealed class QuantizedKernelTests
{
    private static readonly Tensor Image = Quantized(DataType.QUInt8, TensorShape.Of(1, 3, 4, 2));
    private static readonly Tensor Filter = Quantized(DataType.QUInt8, TensorShape.Of(2, 2, 2, 3));
    private static readonly Tensor SignedFilter = Quantized(DataType.QInt8, TensorShape.Of(2, 2, 2, 3));
    private static readonly Tensor Matrix = Quantized(DataType.QUInt8, TensorShape.Of(3, 2));
    private static readonly Tensor SignedMatrix = Quantized(DataType.QInt8, TensorShape.Of(2, 3));
    private static readonly Tensor Wide = Create<int>(DataType.QInt32, TensorShape.Of(2, 3), 0, 1, -1, int.MaxValue, int.MinValue, 12345);
    private static readonly Tensor Numbers = Floats(TensorShape.Of(2, 3), 0f, -1.5f, 2f, float.NaN, float.PositiveInfinity, -1e-40f);
    private static readonly Tensor Bias = Floats(TensorShape.Of(3), 1f, -2f, 0.5f);
    private static readonly Tensor Residual = Floats(TensorShape.Of(1, 2, 3, 3), new float[18]);
    private static readonly AttributeMap Window = AttributeMap.Of(("ksize", AttributeValue.Ints(1, 2, 2, 1)), ("strides", AttributeValue.Ints(1, 1, 1, 1)), ("padding", "VALID"));
    private static readonly AttributeMap Strides = AttributeMap.Of(("strides", AttributeValue.Ints(1, 1, 1, 1)), ("padding", "VALID"));

    /// <summary>Ops with their attributes and inputs; null represents an end of a range, two for a range.</summary>
    private static readonly ImmutableArray<(string Op, AttributeMap Attributes, int Outputs, Tensor?[] Inputs)> Calls =
    [
        .. Each(["MIN_COMBINED", "MIN_FIRST", "SCALED"], mode => Each(["quint8", "qint8", "quint16", "qint16", "qint32"], type => [("QuantizeV2", Types(("T", type)).With("mode", mode), 3, new[] { Numbers, null, null })])),
        .. Each(["MIN_COMBINED", "MIN_FIRST", "SCALED"], mode => [("Dequantize", AttributeMap.Of(("mode", mode)), 1, new[] { Wide, null, null }), ("Dequantize", AttributeMap.Of(("mode", mode)), 1, [Image, null, null])]),
        .. Each(["quint8", "qint8"], type => [("Requantize", Types(("out_type", type)), 3, new[] { Wide, null, null, null, null }), ("RequantizePerChannel", Types(("out_type", type)), 3, [Wide, Floats(TensorShape.Of(3), 1, 2, 3), Floats(TensorShape.Of(3), 1, 2, 3), null, null])]),
        ("RequantizationRange", AttributeMap.Empty, 2, [Wide, null, null]),
        ("RequantizationRangePerChannel", AttributeMap.Of(("clip_value_max", 6f)), 2, [Wide, null, null]),
        ("QuantizeDownAndShrinkRange", Types(("out_type", "quint8")), 3, [Wide, null, null]),
        ("QuantizedConv2D", Strides, 3, [Image, Filter, null, null, null, null]),
        ("QuantizedConv2D", Strides.With("Tfilter", DataType.QInt8), 3, [Image, SignedFilter, null, null, null, null]),
        ("QuantizedConv2DWithBiasSumAndRelu", Strides, 3, [Image, SignedFilter, Bias, null, null, null, null, Residual]),
        ("QuantizedConv2DWithBiasAndReluAndRequantize", Strides.With("Tbias", DataType.Float), 3, [Image, SignedFilter, Bias, null, null, null, null, null, null]),
        ("QuantizedConv2DWithBiasSumAndReluAndRequantize", Strides.With("Tbias", DataType.Float), 3, [Image, SignedFilter, Bias, null, null, null, null, null, null, Quantized(DataType.QUInt8, TensorShape.Of(1, 2, 3, 3)), null, null]),
        ("QuantizedDepthwiseConv2D", Strides, 3, [Image, SignedFilter, null, null, null, null]),
        ("QuantizedMatMul", AttributeMap.Empty, 3, [Matrix, Quantized(DataType.QUInt8, TensorShape.Of(2, 3)), null, null, null, null]),
        .. Each(["MIN_FIRST", "SCALED"], mode => [("QuantizedMatMulWithBiasAndRelu", AttributeMap.Of(("input_quant_mode", mode)), 3, new[] { Matrix, SignedMatrix, Bias, null, null, null, null })]),
        ("QuantizedMatMulWithBiasAndReluAndRequantize", Types(("Tbias", "float")), 3, [Matrix, SignedMatrix, Bias, null, null, null, null, null, null]),
        ("QuantizedAdd", AttributeMap.Empty, 3, [Image, Image, null, null, null, null]),
        ("QuantizedAdd", AttributeMap.Empty, 3, [Image, Quantized(DataType.QUInt8, TensorShape.Scalar), null, null, null, null]),
        ("QuantizedMul", AttributeMap.Empty, 3, [Image, Image, null, null, null, null]),
        ("QuantizedBiasAdd", Types(("out_type", "qint32")), 3, [Image, Quantized(DataType.QUInt8, TensorShape.Of(2)), null, null, null, null]),
        .. Each(["QuantizedRelu", "QuantizedRelu6"], op => [(op, AttributeMap.Empty, 3, new[] { Image, null, null }), (op, Types(("out_type", "qint32")), 3, [Wide, null, null])]),
        ("QuantizedReluX", AttributeMap.Empty, 3, [Image, Tensor.Scalar(3f), null, null]),
        ("QuantizedMaxPool", Window, 3, [Image, null, null]),
        ("QuantizedAvgPool", Window, 3, [Image, null, null]),
        ("QuantizedBatchNormWithGlobalNormalization", Types(("out_type", "qint32")).With("variance_epsilon", 0.001f).With("scale_after_normalization", true), 3, [Image, null, null, .. Enumerable.Repeat<Tensor?[]>([Quantized(DataType.QUInt8, TensorShape.Of(2)), null, null], 4).SelectMany(inputs => inputs)]),
        ("QuantizedConcat", AttributeMap.Of(("N", 2)), 3, [Tensor.Scalar(1), Image, Image, null, null, null, null]),
        ("QuantizedReshape", AttributeMap.Empty, 3, [Image, Ints(-1), null, null]),
        ("QuantizedInstanceNorm", AttributeMap.Empty, 3, [Image, null, null]),
        ("QuantizedResizeBilinear", AttributeMap.Empty, 3, [Image, Ints(5, 5), null, null]),
        ("FakeQuantWithMinMaxVars", AttributeMap.Empty, 1, [Numbers, null, null]),
        ("FakeQuantWithMinMaxVarsGradient", AttributeMap.Empty, 3, [Numbers, Numbers, null, null]),
        .. Each(["QuantizeAndDequantizeV2", "QuantizeAndDequantizeV3"], op => [(op, AttributeMap.Of(("range_given", true)), 1, [Numbers, null, null, .. (op.EndsWith('3') ? [Tensor.Scalar(8)] : Array.Empty<Tensor>())])]),
    ];

    public static TheoryData<float, float> OddRanges => new()
    {
        { -1f, 1f }, { 0f, 6f }, { 2f, 6f }, { -6f, -2f }, { 0f, 0f }, { 1f, 1f }, { 5f, -5f }, { -0f, 0f }, { 0f, 1e-40f }, { -3e38f, 3e38f },
        { float.NaN, 1f }, { -1f, float.NaN }, { float.NaN, float.NaN }, { 0f, float.PositiveInfinity }, { float.NegativeInfinity, float.PositiveInfinity },
    };

    [Theory]
    [MemberData(nameof(OddRanges))]
    public void Every_range_gives_a_result_of_the_inferred_shape_or_a_refusal_of_the_node(float min, float max)
    {
        foreach (var (op, declared, outputs, inputs) in Calls)
        {
            int ends = 0;
            Tensor[] filled = [.. inputs.Select(input => input ?? Tensor.Scalar(ends++ % 2 == 0 ? min : max))];
            AttributeMap attributes = WithTypes(op, declared, filled);
            try
            {
                var results = Run(op, attributes, outputs, filled);
                Assert.Equal(Inferred(op, attributes, filled).Take(outputs), results.Select(result => result.Shape));
            }
            catch (ExecutionException error)
            {
                Assert.True(error.Kind is StatusKind.InvalidArgument, $"{op}: {error.Kind}: {error.Message}");
                Assert.Equal("op", error.Node);
                Assert.False(min < max && float.IsFinite(max - min) && max > 1e-30f && min <= 0, $"{op} refuses {min} to {max}: {error.Message}");
            }
        }
    }

    [Fact]
    public void An_empty_range_is_refused()
    {
        foreach (var (op, declared, _, inputs) in Calls)
        {
            Tensor[] filled = [.. inputs.Select(input => input ?? Floats(TensorShape.Of(0)))];
            Assert.Equal(StatusKind.InvalidArgument, Refusal(op, WithTypes(op, declared, filled), filled));
        }
    }

    [Fact]
    public void Quantizes_and_dequantizes_along_an_axis()
    {
        AttributeMap attributes = AttributeMap.Of(("T", DataType.QInt8), ("mode", "SCALED"), ("axis", 1), ("narrow_range", true));
        Tensor numbers = Floats(TensorShape.Of(2, 2), 1f, 10f, -0.5f, -10f);
        var quantized = Run("QuantizeV2", attributes, 3, numbers, Floats(TensorShape.Of(2), -1f, -10f), Floats(TensorShape.Of(2), 1f, 10f));
        Assert.Equal([127, 127, -64, -127], quantized[0].AsSpan<sbyte>().ToArray().Select(level => (int)level));
        Assert.Equal([-1f, -10f], quantized[1].AsSpan<float>().ToArray());
        Tensor back = Run("Dequantize", AttributeMap.Of(("mode", "SCALED"), ("axis", 1), ("narrow_range", true)), [.. quantized]);
        Assert.Equal([1f, 10f, -0.503937f, -10f], back.AsSpan<float>().ToArray());
    }

    [Theory]
    [InlineData("QuantizeV2", "MIN_FIRST", StatusKind.Unimplemented)]
    [InlineData("QuantizeV2", "MIN_LAST", StatusKind.InvalidArgument)]
    [InlineData("Dequantize", "MIN_FIRST", StatusKind.Unimplemented)]
    public void An_axis_goes_with_some_modes_only(string op, string mode, StatusKind expected)
    {
        Tensor input = op == "QuantizeV2" ? Floats(TensorShape.Of(1, 2), 1f, 2f) : Quantized(DataType.QUInt8, TensorShape.Of(1, 2));
        Assert.Equal(expected, Refusal(op, AttributeMap.Of(("T", DataType.QUInt8), ("mode", mode), ("axis", 1)), input, Floats(TensorShape.Of(2), 0f, 0f), Floats(TensorShape.Of(2), 1f, 1f)));
    }

    [Fact]
    public void Dequantizes_to_bfloat16()
    {
        Tensor half = Run("Dequantize", AttributeMap.Of(("dtype", DataType.BFloat16)), Create<byte>(DataType.QUInt8, TensorShape.Of(2), 0, 255), Tensor.Scalar(-1f), Tensor.Scalar(1f));
        Assert.Equal([-1f, 1f], half.ToSingles());
        Assert.Equal(DataType.BFloat16, half.Type);
    }

    [Fact]
    public void Quantizes_over_a_range_as_wide_as_asked_for()
    {
        var quantized = Run("QuantizeV2", AttributeMap.Of(("T", DataType.QUInt8), ("ensure_minimum_range", 0.5f)), 3, Bias, Tensor.Scalar(0f), Tensor.Scalar(0.1f));
        Assert.Equal(0.5f, quantized[2].AsSpan<float>()[0]);
    }

    [Fact]
    public void Names_the_types_that_are_supported()
    {
        var error = Assert.Throws<ExecutionException>(() => Run("QuantizedConv2D", Strides, 1, Quantized(DataType.QInt8, TensorShape.Of(1, 3, 4, 2)), Filter, Tensor.Scalar(0f), Tensor.Scalar(1f), Tensor.Scalar(0f), Tensor.Scalar(1f)));
        Assert.Contains("qint8; supported: quint8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 5, 4, 1, new[] { 0, 5, 10, 15, 4 })]
    [InlineData(4, 5, 1, 5, new[] { 0, 2, 4, 6, 8 })]
    public void Repeats_the_smaller_operand_over_the_larger_one_as_the_original_does(int rows, int columns, int otherRows, int otherColumns, int[] expected)
    {
        Tensor x = Create(DataType.QUInt8, TensorShape.Of(rows, columns), [.. Enumerable.Range(0, rows * columns).Select(i => (byte)(i % columns))]);
        Tensor y = Create(DataType.QUInt8, TensorShape.Of(otherRows, otherColumns), [.. Enumerable.Range(0, otherRows * otherColumns).Select(i => (byte)(otherColumns == 1 ? 4 * i : i))]);
        Tensor z = Run("QuantizedAdd", AttributeMap.Empty, x, y, Tensor.Scalar(0f), Tensor.Scalar(255f), Tensor.Scalar(0f), Tensor.Scalar(255f));
        Assert.Equal(expected, z.AsSpan<int>()[..5].ToArray().Select(level => level / 514));
    }

    [Fact]
    public void Broadcasts_where_repeating_would_leave_elements_unwritten()
    {
        Tensor column = Create<byte>(DataType.QUInt8, TensorShape.Of(2, 1), 10, 20);
        Tensor row = Create<byte>(DataType.QUInt8, TensorShape.Of(1, 3), 1, 2, 3);
        Tensor z = Run("QuantizedMul", AttributeMap.Empty, column, row, Tensor.Scalar(0f), Tensor.Scalar(255f), Tensor.Scalar(0f), Tensor.Scalar(255f));
        Assert.Equal([10, 20, 30, 20, 40, 60], z.AsSpan<int>().ToArray());
    }

    [Fact]
    public void Convolves_large_patches_block_by_block_as_small_ones()
    {
        TensorShape shape = TensorShape.Of(2, 9, 11, 37);
        TensorShape filterShape = TensorShape.Of(5, 5, 37, 19);
        Tensor image = Quantized(DataType.QUInt8, shape);
        Tensor filter = Quantized(DataType.QUInt8, filterShape);
        AttributeMap attributes = AttributeMap.Of(("strides", AttributeValue.Ints(1, 2, 2, 1)), ("padding", "SAME"));
        Tensor accumulators = Run("QuantizedConv2D", attributes, image, filter, Tensor.Scalar(-1f), Tensor.Scalar(1f), Tensor.Scalar(0f), Tensor.Scalar(2f));
        for (int i = 0; i < accumulators.ElementCount; i += 97)
        {
            int column = i % 19, x = i / 19 % 6, y = i / (19 * 6) % 5, n = i / (19 * 6 * 5);
            Assert.Equal(Sum(image, filter, n, (y * 2) - 2, (x * 2) - 2, column), accumulators.AsSpan<int>()[i]);
        }
    }

    private static int Sum(Tensor image, Tensor filter, int n, int top, int left, int column)
    {
        int sum = 0;
        for (int k = 0; k < 5 * 5 * 37; k++)
        {
            int y = top + (k / (5 * 37)), x = left + (k / 37 % 5);
            if (y is >= 0 and < 9 && x is >= 0 and < 11)
                sum += (image.AsSpan<byte>()[(((((n * 9) + y) * 11) + x) * 37) + (k % 37)] - 128) * filter.AsSpan<byte>()[(k * 19) + column];
        }
        return sum;
    }

    private static IEnumerable<TensorShape> Inferred(string op, AttributeMap attributes, Tensor[] inputs)
    {
        var constants = inputs.Select((input, i) => new Node($"x{i}", "Const") { Attributes = AttributeMap.Of(("dtype", input.Type), ("value", input)) });
        var node = new Node("op", op, [.. inputs.Select((_, i) => new NodeInput($"x{i}"))], attributes);
        return new CpuBackend().InferShapes(new Graph([.. constants, node]), CompileOptions.Default)["op"];
    }

    private static IEnumerable<(string Op, AttributeMap Attributes, int Outputs, Tensor?[] Inputs)> Each(string[] values, Func<string, IEnumerable<(string Op, AttributeMap Attributes, int Outputs, Tensor?[] Inputs)>> make) =>
        values.SelectMany(make);

    /// <summary>The attributes with the types of the inputs, by the op's definition.</summary>
    private static AttributeMap WithTypes(string op, AttributeMap attributes, Tensor[] inputs)
    {
        foreach (var (argument, input) in OpTable.Find(op)!.Inputs.Zip(inputs))
        {
            if (argument.TypeAttribute is { Length: > 0 } name && !attributes.ContainsKey(name))
                attributes = attributes.With(name, input.Type);
        }
        return attributes;
    }

    private static AttributeMap Types((string Name, string Type) attribute) =>
        AttributeMap.Of((attribute.Name, DataTypes.TryParse(attribute.Type, out DataType type) ? type : throw new ArgumentException(attribute.Type, nameof(attribute))));

    private static Tensor Create<T>(DataType type, TensorShape shape, params T[] quantizedValues)
        where T : unmanaged => Tensor.Create<T>(type, shape, quantizedValues);

    private static Tensor Quantized(DataType type, TensorShape shape) =>
        Tensor.FromContent(type, shape, Enumerable.Range(0, (int)shape.ElementCount).Select(i => (byte)((i * 37) + (i / 7))).ToArray());
}
