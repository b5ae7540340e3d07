using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using static TransformFramework.Cpu.NodeRun;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Ops of frozen graphs that the kernel oracle has no cases of; expected values follow from TensorFlow's documentation.</summary>
public sealed class FrozenGraphKernelTests
{
    private static readonly Tensor[] Limits = [Tensor.Scalar(2), Tensor.Scalar(3), Tensor.Scalar(0.5f), Tensor.Scalar(0.1f)];

    [Fact]
    public void Combined_suppression_keeps_the_best_of_all_classes_and_fills_up_with_zeros()
    {
        Tensor boxes = Floats(TensorShape.Of(1, 4, 1, 4), 0, 0, 1, 1, 0, 0.1f, 1, 1.1f, 0, 2, 1, 3, 0, 4, 1, 5);
        Tensor scores = Floats(TensorShape.Of(1, 4, 2), 0.9f, 0, 0.8f, 0, 0.3f, 0.6f, 0.05f, 0.1f);
        var attributes = AttributeMap.Of(("pad_per_class", false), ("clip_boxes", true));
        var results = Run("CombinedNonMaxSuppression", attributes, 4, [boxes, scores, .. Limits]);
        Assert.Equal([0.9f, 0.6f, 0.3f], results[1].AsSpan<float>().ToArray());
        Assert.Equal([0f, 1, 0], results[2].AsSpan<float>().ToArray());
        Assert.Equal([0f, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1], results[0].AsSpan<float>().ToArray());
        Assert.Equal(3, results[3].AsSpan<int>()[0]);
        var few = Run("CombinedNonMaxSuppression", attributes, 4, [boxes, Floats(TensorShape.Of(1, 4, 2), 0, 0, 0.2f, 0, 0, 0, 0, 0), .. Limits]);
        Assert.Equal([0.2f, 0, 0], few[1].AsSpan<float>().ToArray());
        Assert.Equal(1, few[3].AsSpan<int>()[0]);
        Assert.Equal(StatusKind.InvalidArgument, Refusal("CombinedNonMaxSuppression", attributes, [Floats(TensorShape.Of(1, 4, 4), new float[16]), scores, .. Limits]));
    }

    [Fact]
    public void Combined_suppression_reads_the_boxes_of_each_class_and_pads_per_class_no_further_than_that()
    {
        Tensor boxes = Floats(TensorShape.Of(1, 1, 2, 4), 0, 0, 2, 2, 0, 0, 3, 3);
        var results = Run("CombinedNonMaxSuppression", AttributeMap.Of(("pad_per_class", true), ("clip_boxes", false)), 4, boxes, Floats(TensorShape.Of(1, 1, 2), 0.5f, 0.7f), Tensor.Scalar(1), Tensor.Scalar(9), Tensor.Scalar(0.5f), Tensor.Scalar(0f));
        Assert.Equal([0f, 0, 3, 3, 0, 0, 2, 2], results[0].AsSpan<float>().ToArray());
        Assert.Equal([1f, 0], results[2].AsSpan<float>().ToArray());
    }

    [Theory]
    [InlineData("RIGHT_LEFT", new[] { 9, 2, 6, 1, 5, 3, 4, 8, 9 })]
    [InlineData("LEFT_RIGHT", new[] { 2, 6, 9, 1, 5, 3, 9, 4, 8 })]
    [InlineData("LEFT_LEFT", new[] { 2, 6, 9, 1, 5, 3, 4, 8, 9 })]
    [InlineData("RIGHT_RIGHT", new[] { 9, 2, 6, 1, 5, 3, 9, 4, 8 })]
    public void Bands_of_diagonals_are_taken_put_back_and_made_matrices(string align, int[] diagonals)
    {
        var attributes = AttributeMap.Of(("T", DataType.Int32), ("align", align));
        Tensor matrix = Ints(3, 3, 1, 2, 0, 4, 5, 6, 0, 8, 3);
        Tensor ends = NodeRun.Ints(-1, 1);
        Tensor band = Run("MatrixDiagPartV3", attributes, matrix, ends, Tensor.Scalar(9));
        Assert.Equal(TensorShape.Of(3, 3), band.Shape);
        Assert.Equal(diagonals, band.AsSpan<int>().ToArray());
        Assert.Equal(matrix.AsSpan<int>().ToArray(), Run("MatrixDiagV3", attributes, band, ends, Tensor.Scalar(-1), Tensor.Scalar(-1), Tensor.Scalar(0)).AsSpan<int>().ToArray());
        Assert.Equal([1, 2, 7, 4, 5, 6, 7, 8, 3], Run("MatrixSetDiagV3", attributes, Ints(3, 3, 7, 7, 7, 7, 7, 7, 7, 7, 7), band, ends).AsSpan<int>().ToArray());
    }

    [Fact]
    public void One_diagonal_has_no_dimension_of_its_own()
    {
        var attributes = AttributeMap.Of(("T", DataType.Int32));
        Assert.Equal([2, 6], Run("MatrixDiagPartV2", attributes, Ints(2, 3, 1, 2, 3, 4, 5, 6), Tensor.Scalar(1), Tensor.Scalar(0)).AsSpan<int>().ToArray());
        Tensor wide = Run("MatrixDiagV2", attributes, NodeRun.Ints(1, 2), Tensor.Scalar(0), Tensor.Scalar(-1), Tensor.Scalar(3), Tensor.Scalar(7));
        Assert.Equal(TensorShape.Of(2, 3), wide.Shape);
        Assert.Equal([1, 7, 7, 7, 2, 7], wide.AsSpan<int>().ToArray());
        Tensor below = Run("MatrixDiagV2", attributes, NodeRun.Ints(1, 2), Tensor.Scalar(-1), Tensor.Scalar(-1), Tensor.Scalar(-1), Tensor.Scalar(0));
        Assert.Equal([0, 0, 0, 1, 0, 0, 0, 2, 0], below.AsSpan<int>().ToArray());
        Assert.Equal(StatusKind.InvalidArgument, Refusal("MatrixDiagPartV2", attributes, Ints(2, 3, 1, 2, 3, 4, 5, 6), Tensor.Scalar(3), Tensor.Scalar(0)));
        Assert.Equal(StatusKind.InvalidArgument, Refusal("MatrixDiagV2", attributes, NodeRun.Ints(1, 2), Tensor.Scalar(0), Tensor.Scalar(1), Tensor.Scalar(3), Tensor.Scalar(7)));
    }

    [Fact]
    public void Values_find_their_place_between_sorted_ones()
    {
        Tensor sorted = Floats(TensorShape.Of(2, 4), 0, 3, 3, 9, 1, 2, 3, 4);
        Tensor values = Floats(TensorShape.Of(2, 2), 3, 10, 0, 2.5f);
        var attributes = AttributeMap.Of(("T", DataType.Float), ("out_type", DataType.Int64));
        Assert.Equal([1L, 4, 0, 2], Run("LowerBound", attributes, sorted, values).AsSpan<long>().ToArray());
        Assert.Equal([3L, 4, 0, 2], Run("UpperBound", attributes, sorted, values).AsSpan<long>().ToArray());
        var boundaries = AttributeMap.Of(("T", DataType.Int32), ("boundaries", new ListValue([0f, 10f, 100f])));
        Assert.Equal([0, 3, 2, 3, 1], Run("Bucketize", boundaries, NodeRun.Ints(-5, 10000, 10, 100, 0)).AsSpan<int>().ToArray());
        Assert.Equal(StatusKind.InvalidArgument, Refusal("Bucketize", AttributeMap.Of(("T", DataType.Int32), ("boundaries", new ListValue([1f, 0f]))), NodeRun.Ints(1)));
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(6, 6)]
    [InlineData(5, 4)]
    [InlineData(4, 7)]
    public void Spectra_of_real_rows_are_the_defining_sums_and_lead_back(int size, int length)
    {
        float[] signal = [.. Enumerable.Range(0, 2 * size).Select(i => MathF.Sin(3 * i) + (0.1f * i))];
        Tensor spectrum = Run("RFFT", AttributeMap.Empty, Floats(TensorShape.Of(2, size), signal), NodeRun.Ints(length));
        int kept = (length / 2) + 1;
        Assert.Equal(TensorShape.Of(2, kept), spectrum.Shape);
        var values = spectrum.AsSpan<(float Real, float Imaginary)>();
        Tensor real = Run("Real", AttributeMap.Empty, spectrum);
        Tensor magnitude = Run("ComplexAbs", AttributeMap.Empty, spectrum);
        for (int i = 0; i < values.Length; i++)
        {
            double cosines = 0;
            double sines = 0;
            for (int t = 0; t < Math.Min(size, length); t++)
            {
                cosines += signal[(i / kept * size) + t] * Math.Cos(2 * Math.PI * (i % kept) * t / length);
                sines -= signal[(i / kept * size) + t] * Math.Sin(2 * Math.PI * (i % kept) * t / length);
            }
            Assert.Equal(cosines, values[i].Real, 1e-5);
            Assert.Equal(sines, values[i].Imaginary, 1e-5);
            Assert.Equal(values[i].Real, real.AsSpan<float>()[i]);
            Assert.Equal(Math.Sqrt((cosines * cosines) + (sines * sines)), magnitude.AsSpan<float>()[i], 1e-5);
        }
        Tensor parts = Run("Complex", AttributeMap.Empty, real, Run("Imag", AttributeMap.Empty, spectrum));
        var back = Run("IRFFT", AttributeMap.Empty, parts, NodeRun.Ints(length)).AsSpan<float>();
        for (int i = 0; i < back.Length; i++)
            Assert.Equal(i % length < size ? signal[(i / length * size) + (i % length)] : 0, back[i], 1e-5);
    }

    [Fact]
    public void Products_without_NaN_are_zero_where_a_factor_is()
    {
        Tensor x = Floats(TensorShape.Of(3), float.NaN, 2, 0);
        Tensor y = Floats(TensorShape.Of(3), 0, 3, float.PositiveInfinity);
        Assert.Equal([0f, 6, float.NaN], Run("MulNoNan", AttributeMap.Empty, x, y).AsSpan<float>().ToArray());
        Assert.Equal([float.NaN, 2 * MathF.Log(4), 0], Run("Xlog1py", AttributeMap.Empty, x, y).AsSpan<float>().ToArray());
    }

    private static Tensor Ints(int rows, int columns, params int[] values) => Tensor.Create<int>(DataType.Int32, TensorShape.Of(rows, columns), values);
}
