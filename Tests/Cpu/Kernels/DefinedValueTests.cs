using System.Runtime.InteropServices;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using static TransformFramework.Cpu.NodeRun;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Ops that the kernel oracle has no cases of, on inputs whose results follow by hand from the ops' definitions.</summary>
public sealed class DefinedValueTests
{
    private const float Tenth = 0.1f;

    private static readonly Tensor Pair = F(1, 2);
    private static readonly Tensor Zero = Tensor.Scalar(0);
    private static readonly AttributeMap Single = AttributeMap.Of(("strides", AttributeValue.Ints(1, 1, 1, 1)), ("padding", "VALID"), ("T", DataType.Float));

    private static readonly Dictionary<string, Case> Cases = new(StringComparer.Ordinal)
    {
        ["Angle"] = new([Complex((0, 1), (-1, 0), (1, 1), (0, -2))], [F(MathF.PI / 2, MathF.PI, MathF.PI / 4, -MathF.PI / 2)]),
        ["AdjustContrastv2"] = new([Floats([1, 2, 1], 1, 3), Tensor.Scalar(2f)], [Floats([1, 2, 1], 0, 4)]),
        ["AdjustHue"] = new([Floats([1, 3], 1, 0, 0), Tensor.Scalar(1 / 3f)], [Floats([1, 3], 0, 1, 0)]),
        ["AdjustSaturation"] = new([Floats([1, 3], 1, 0.5f, 0.5f), Tensor.Scalar(0f)], [Floats([1, 3], 1, 1, 1)]),
        ["BatchMatrixTriangularSolve"] = new([Floats([2, 2], 2, 0, 1, 4), Floats([2, 1], 2, 9)], [Floats([2, 1], 1, 2)]),
        ["BiasAddV1"] = new([Floats([2, 2], 1, 2, 3, 4), F(10, 20)], [Floats([2, 2], 11, 22, 13, 24)]),
        ["Bincount"] = new([NodeRun.Ints(1, 1, 3, 7), Tensor.Scalar(4), F(0.5f, 0.25f, 2, 9)], [F(0, 0.75f, 0, 2)], AttributeMap.Of(("T", DataType.Float))),
        ["BatchMatMulV3"] = new([Tensor.Create<sbyte>(DataType.Int8, TensorShape.Of(1, 2), [100, -2]), Tensor.Create<byte>(DataType.UInt8, TensorShape.Of(2, 1), [3, 200])], [Ints([1, 1], -100)], AttributeMap.Of(("Tout", DataType.Int32))),
        ["BatchToSpace"] = new([Floats([4, 1, 1, 1], 1, 2, 3, 4), Ints([2, 2], 0, 0, 0, 1)], [Floats([1, 2, 1, 1], 1, 3)], AttributeMap.Of(("block_size", 2))),
        ["SpaceToBatch"] = new([Floats([1, 2, 1, 1], 1, 3), Ints([2, 2], 0, 0, 0, 1)], [Floats([4, 1, 1, 1], 1, 0, 3, 0)], AttributeMap.Of(("block_size", 2))),
        ["Cholesky"] = new([Floats([2, 2], 4, 2, 2, 5)], [Floats([2, 2], 2, 0, 1, 2)]),
        ["ClipByValue"] = new([F(-5, 1, 9), Tensor.Scalar(0f), Tensor.Scalar(4f)], [F(0, 1, 4)]),
        ["ConcatOffset"] = new([Tensor.Scalar(1), NodeRun.Ints(2, 3), NodeRun.Ints(2, 1), NodeRun.Ints(2, 4)], [NodeRun.Ints(0, 0), NodeRun.Ints(0, 3), NodeRun.Ints(0, 4)], AttributeMap.Of(("N", 3))),
        ["ConjugateTranspose"] = new([Complex((1, 2), (3, -4)).Reshaped(1, 2), NodeRun.Ints(1, 0)], [Complex((1, -2), (3, 4)).Reshaped(2, 1)]),
        ["DenseBincount"] = new([Ints([2, 2], 1, 1, 0, 5), Tensor.Scalar(3), Floats([0])], [Floats([2, 3], 0, 2, 0, 1, 0, 0)]),
        ["Diag"] = new([Ints([1, 2], 3, 4)], [Ints([1, 2, 1, 2], 3, 0, 0, 4)]),
        ["DiagPart"] = new([Ints([1, 2, 1, 2], 3, 5, 6, 4)], [Ints([1, 2], 3, 4)]),
        ["Dilation2D"] = new([Floats([1, 2, 2, 1], 1, 2, 3, 4), Floats([2, 2, 1], 0, 5, 2, 1)], [Floats([1, 1, 1, 1], 7)], Single.With("rates", AttributeValue.Ints(1, 1, 1, 1))),
        ["DrawBoundingBoxes"] = new([Floats([1, 3, 3, 1], new float[9]), Floats([1, 1, 4], 0, 0, 1, 1)], [Floats([1, 3, 3, 1], 1, 1, 1, 1, 0, 1, 1, 1, 1)]),
        ["EnsureShape"] = new([Pair], [Pair], AttributeMap.Of(("shape", TensorShape.Of(-1)))),
        ["EuclideanNorm"] = new([Floats([2, 2], 3, 4, 0, -5), Tensor.Scalar(1)], [F(5, 5)]),
        ["FFT"] = new([Complex((1, 0), (2, 0), (3, 0), (4, 0))], [Complex((10, 0), (-2, 2), (-2, 0), (-2, -2))]),
        ["IFFT"] = new([Complex((10, 0), (-2, 2), (-2, 0), (-2, -2))], [Complex((1, 0), (2, 0), (3, 0), (4, 0))]),
        ["FFT2D"] = new([Complex((1, 0), (2, 0), (3, 0), (4, 0)).Reshaped(2, 2)], [Complex((10, 0), (-2, 0), (-4, 0), (0, 0)).Reshaped(2, 2)]),
        ["IFFT2D"] = new([Complex((10, 0), (-2, 0), (-4, 0), (0, 0)).Reshaped(2, 2)], [Complex((1, 0), (2, 0), (3, 0), (4, 0)).Reshaped(2, 2)]),
        ["GuaranteeConst"] = new([Pair], [Pair]),
        ["InTopK"] = new([Floats([2, 3], 0.1f, 0.8f, 0.1f, 0.6f, 0.3f, 0.1f), NodeRun.Ints(1, 2)], [Bools(true, false)], AttributeMap.Of(("k", 1))),
        ["Inv"] = new([F(2, -4)], [F(0.5f, -0.25f)]),
        ["LeftShift"] = new([NodeRun.Ints(1, 3), NodeRun.Ints(3, 1)], [NodeRun.Ints(8, 6)], AttributeMap.Of(("T", DataType.Int32))),
        ["ListDiff"] = new([NodeRun.Ints(1, 2, 3, 4), NodeRun.Ints(2, 4)], [NodeRun.Ints(1, 3), NodeRun.Ints(0, 2)]),
        ["MatrixSetDiagV2"] = new([Ints([2, 2], 7, 7, 7, 7), NodeRun.Ints(1, 2), Zero], [Ints([2, 2], 1, 7, 7, 2)]),
        ["MaxPoolV2"] = new([Floats([1, 2, 2, 1], 1, 5, 3, 2), NodeRun.Ints(1, 2, 2, 1), NodeRun.Ints(1, 2, 2, 1)], [Floats([1, 1, 1, 1], 5)], AttributeMap.Of(("padding", "VALID"))),
        ["NonMaxSuppressionV5"] = new(
            [Floats([3, 4], 0, 0, 1, 1, 0, 0, 1, 0.5f, 2, 2, 3, 3), F(0.9f, 0.8f, 0.7f), Tensor.Scalar(3), Tensor.Scalar(0.9f), Tensor.Scalar(0f), Tensor.Scalar(0.5f)],
            [NodeRun.Ints(0, 2, 1), F(0.9f, 0.7f, 0.8f * MathF.Exp(-0.25f)), Tensor.Scalar(3)]),
        ["ParallelDynamicStitch"] = new([NodeRun.Ints(0, 2), NodeRun.Ints(1), F(10, 30), F(20)], [F(10, 20, 30)], AttributeMap.Of(("N", 2))),
        ["PlaceholderWithDefault"] = new([Pair], [Pair], AttributeMap.Of(("shape", TensorShape.Of(2)))),
        ["PreventGradient"] = new([Pair], [Pair]),
        ["QuantizedConcatV2"] = new(
            [Quantized(1, 2), Quantized(3), Zero, Tensor.Scalar(0f), Tensor.Scalar(0f), Tensor.Scalar(255f), Tensor.Scalar(255f)], [Quantized(1, 2, 3), Tensor.Scalar(0f), Tensor.Scalar(255f)],
            AttributeMap.Of(("N", 2), ("T", DataType.QUInt8))),
        ["UniformQuantizedDotHybrid"] = new(
            [Floats([2, 2], 0, 2.55f, -1, 1.55f), Tensor.Create<sbyte>(DataType.QInt8, TensorShape.Of(2, 1), [1, 2]), F(0.5f), NodeRun.Ints(0)], [Floats([2, 1], 2.55f, 1.05f)],
            AttributeMap.Of(("rhs_quantization_min_val", -127), ("rhs_quantization_max_val", 127))),
        ["RegexFullMatch"] = new([Words("ab", "b", "abc"), Words(TensorShape.Scalar, "a.")], [Bools(true, false, false)]),
        ["StaticRegexFullMatch"] = new([Words("ab", "b", "abc")], [Bools(true, false, false)], AttributeMap.Of(("pattern", "a."))),
        ["StaticRegexReplace"] = new([Words("caat a")], [Words("c<aa>t <a>")], AttributeMap.Of(("pattern", "(a+)"), ("rewrite", "<\\1>"))),
        ["Reverse"] = new([Ints([2, 2], 1, 2, 3, 4), Bools(false, true)], [Ints([2, 2], 2, 1, 4, 3)]),
        ["ScatterNdNonAliasingAdd"] = new([F(1, 2, 3), Ints([3, 1], 0, 2, 0), F(10, 20, 30)], [F(41, 2, 23)]),
        ["SelectV2"] = new([Bools(true, false), Ints([2, 2], 1, 2, 3, 4), Zero], [Ints([2, 2], 1, 0, 3, 0)]),
        ["Snapshot"] = new([Pair], [Pair]),
        ["SparseReshape"] = new([Longs([2, 2], 0, 1, 1, 2), L(2, 3), L(3, -1)], [Longs([2, 2], 0, 1, 2, 1), L(3, 2)]),
        ["SparseSegmentSum"] = new(Segments, [Floats([2, 2], 4, 12, 3, 4)]),
        ["SparseSegmentMean"] = new(Segments, [Floats([2, 2], 2, 6, 3, 4)]),
        ["SparseSegmentSqrtN"] = new(Segments, [Floats([2, 2], 4 / MathF.Sqrt(2), 12 / MathF.Sqrt(2), 3, 4)]),
        ["SparseSegmentSumWithNumSegments"] = new([.. Segments, Tensor.Scalar(3)], [Floats([3, 2], 4, 12, 3, 4, 0, 0)]),
        ["SparseSegmentMeanWithNumSegments"] = new([.. Segments, Tensor.Scalar(3)], [Floats([3, 2], 2, 6, 3, 4, 0, 0)]),
        ["SparseSegmentSqrtNWithNumSegments"] = new([.. Segments, Tensor.Scalar(3)], [Floats([3, 2], 4 / MathF.Sqrt(2), 12 / MathF.Sqrt(2), 3, 4, 0, 0)]),
        ["SparseSoftmaxCrossEntropyWithLogits"] = new([Floats([1, 2], 3, 3), NodeRun.Ints(1)], [F(MathF.Log(2)), Floats([1, 2], 0.5f, -0.5f)], AttributeMap.Of(("Tlabels", DataType.Int32))),
        ["SparseTensorDenseAdd"] = new([Longs([1, 2], 0, 1), F(5), L(1, 2), Floats([1, 2], 1, 2)], [Floats([1, 2], 1, 7)], AttributeMap.Of(("Tindices", DataType.Int64))),
        ["StringLength"] = new([Words("h\u00e9y", "")], [NodeRun.Ints(3, 0)], AttributeMap.Of(("unit", "UTF8_CHAR"))),
        ["StringLower"] = new([Words("\u00c0B")], [Words("\u00c0b")]),
        ["StringUpper"] = new([Words("\u00e0b")], [Words("\u00c0B")], AttributeMap.Of(("encoding", "utf-8"))),
        ["StringStrip"] = new([Words(" a b\t", "")], [Words("a b", "")]),
        ["TopK"] = new([F(1, 5, 3, 5)], [F(5, 5), NodeRun.Ints(1, 3)], AttributeMap.Of(("k", 2))),
        ["UniqueWithCounts"] = new([NodeRun.Ints(4, 1, 4)], [NodeRun.Ints(4, 1), NodeRun.Ints(0, 1, 0), NodeRun.Ints(2, 1)]),
        ["UniqueWithCountsV2"] = new([Ints([2, 3], 4, 1, 4, 5, 2, 5), L(1)], [Ints([2, 2], 4, 1, 5, 2), NodeRun.Ints(0, 1, 0), NodeRun.Ints(2, 1)]),
        ["Xdivy"] = new([F(0, 6), F(0, 3)], [F(0, 2)]),
        ["Xlogy"] = new([F(0, 2), F(0, 3)], [F(0, 2 * MathF.Log(3))]),
        ["Zeta"] = new([F(2, 4), F(1, 2)], [F(MathF.PI * MathF.PI / 6, (MathF.Pow(MathF.PI, 4) / 90) - 1)]),
        ["_FusedConv2D"] = new([Floats([1, 1, 1, 1], 3), Floats([1, 1, 1, 1], 2), F(-7)], [Floats([1, 1, 1, 1], 0)], Fused(Single)),
        ["_FusedDepthwiseConv2dNative"] = new([Floats([1, 1, 1, 1], 3), Floats([1, 1, 1, 1], 2), F(1)], [Floats([1, 1, 1, 1], 7)], Fused(Single)),
        ["_FusedMatMul"] = new([Floats([1, 2], 1, 2), Floats([2, 2], 3, 1, 4, 0), F(-5, -2)], [Floats([1, 2], 6, 0)], Fused(AttributeMap.Of(("T", DataType.Float)))),
    };

    public static TheoryData<string> Ops => [.. Cases.Keys];

    private static Tensor[] Segments => [Floats([3, 2], 1, 2, 3, 4, 3, 10), NodeRun.Ints(0, 2, 1), NodeRun.Ints(0, 0, 1)];

    [Theory]
    [MemberData(nameof(Ops))]
    public void Results_are_what_the_definition_says(string op)
    {
        Case given = Cases[op];
        var results = Run(op, given.Attributes ?? AttributeMap.Empty, given.Expected.Length, given.Inputs);
        Assert.All(given.Expected.Zip(results), pair => AssertClose(pair.First, pair.Second));
    }

    [Fact]
    public void A_shape_that_is_ensured_must_be_there() => Assert.Equal(StatusKind.InvalidArgument, Refusal("EnsureShape", AttributeMap.Of(("shape", TensorShape.Of(3))), Pair));

    [Theory]
    [InlineData("RandomPoisson", 4f)]
    [InlineData("RandomGamma", 3f)]
    public void Random_numbers_have_the_mean_of_their_distribution(string op, float parameter)
    {
        float[] numbers = Run(op, AttributeMap.Of(("seed", 7), ("seed2", 3), ("dtype", DataType.Float)), NodeRun.Ints(5000), Tensor.Scalar(parameter)).AsSpan<float>().ToArray();
        Assert.Equal(parameter, numbers.Average(), Tenth);
        Assert.Equal(parameter, numbers.Average(number => (number - parameter) * (number - parameter)), 3 * Tenth);
        Assert.All(numbers, number => Assert.True(number >= 0, $"{number} is negative"));
    }

    [Theory]
    [InlineData("RandomPoisson", 1e30f, 1e30f)]
    [InlineData("RandomPoisson", 400f, 400f)]
    [InlineData("RandomPoisson", float.PositiveInfinity, float.NaN)]
    [InlineData("RandomGamma", 1e30f, 1e30f)]
    [InlineData("RandomGamma", float.PositiveInfinity, float.NaN)]
    public void Random_numbers_of_a_large_parameter_are_drawn_in_bounded_work(string op, float parameter, float mean)
    {
        float[] numbers = Run(op, AttributeMap.Of(("seed", 7), ("seed2", 3), ("dtype", DataType.Float)), NodeRun.Ints(2000), Tensor.Scalar(parameter)).AsSpan<float>().ToArray();
        Assert.Equal(mean / parameter, numbers.Average(number => (double)number / parameter), 0.01);
    }

    [Fact]
    public void Truncated_normal_numbers_stay_within_two_deviations()
    {
        float[] numbers = Run("TruncatedNormal", AttributeMap.Of(("seed", 7), ("seed2", 3), ("dtype", DataType.Float)), NodeRun.Ints(5000)).AsSpan<float>().ToArray();
        Assert.Equal(0, numbers.Average(), Tenth);
        Assert.True(numbers.Max() is > 1.9f and <= 2 && numbers.Min() is < -1.9f and >= -2, $"they are in [{numbers.Min()}, {numbers.Max()}]");
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal((expected.Type, expected.Shape), (actual.Type, actual.Shape));
        if (expected.Type is DataType.Float or DataType.Complex64)
            Assert.All(Numbers(expected).Zip(Numbers(actual)), pair => Assert.Equal(pair.First, pair.Second, 1e-6f * Math.Max(1, Math.Abs(pair.First))));
        else
            Assert.True(expected.ContentEquals(actual), $"{expected} is not what was expected");
    }

    private static float[] Numbers(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray();

    private static AttributeMap Fused(AttributeMap attributes) =>
        attributes.With("num_args", 1).With("fused_ops", AttributeValue.Strings("BiasAdd", "Relu"));

    private static Tensor F(params float[] values) => NodeRun.Floats(TensorShape.Of(values.Length), values);

    private static Tensor Floats(long[] shape, params float[] values) => NodeRun.Floats(TensorShape.Of(shape), values);

    private static Tensor Ints(long[] shape, params int[] values) => Tensor.Create<int>(DataType.Int32, TensorShape.Of(shape), values);

    private static Tensor L(params long[] values) => NodeRun.Longs(TensorShape.Of(values.Length), values);

    private static Tensor Longs(long[] shape, params long[] values) => NodeRun.Longs(TensorShape.Of(shape), values);

    private static Tensor Bools(params bool[] values) => Tensor.Create<bool>(DataType.Bool, TensorShape.Of(values.Length), values);

    private static Tensor Quantized(params byte[] values) => Tensor.Create<byte>(DataType.QUInt8, TensorShape.Of(values.Length), values);

    private static Tensor Complex(params (float Real, float Imaginary)[] values) => Tensor.Create<(float, float)>(DataType.Complex64, TensorShape.Of(values.Length), values);

    private sealed record Case(Tensor[] Inputs, Tensor[] Expected, AttributeMap? Attributes = null);
}
