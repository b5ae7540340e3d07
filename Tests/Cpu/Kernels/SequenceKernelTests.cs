using System.Numerics;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using static TransformFramework.Cpu.NodeRun;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Sequences of different lengths: ragged tensors, lists, decoded labels, counts; and spectra.</summary>
public sealed class SequenceKernelTests
{
    private static readonly Tensor Unknown = Tensor.Scalar(-1);
    private static readonly AttributeMap FloatList = AttributeMap.Of(("element_dtype", DataType.Float));

    [Fact]
    public void Ragged_rows_are_filled_up_and_cut_off()
    {
        Tensor values = Ints(1, 2, 3, 4, 5);
        int[] full = [1, 2, 9, 9, 9, 9, 3, 4, 5];
        AssertRagged([3, 3], full, Unknown, values, Tensor.Scalar(9), ("ROW_SPLITS", Ints(0, 2, 2, 5)));
        AssertRagged([3, 3], full, Unknown, values, Tensor.Scalar(9), ("FIRST_DIM_SIZE", Tensor.Scalar(3)), ("VALUE_ROWIDS", Ints(0, 0, 2, 2, 2)));
        AssertRagged([2, 2], [1, 2, 9, 9], Ints(2, 2), values, Tensor.Scalar(9), ("ROW_SPLITS", Ints(0, 2, 2, 5)));
        AssertRagged([4, 2], [1, 2, 9, 9, 3, 4, 9, 9], Ints(4, 2), values, Tensor.Scalar(9), ("ROW_SPLITS", Ints(0, 2, 2, 5)));
    }

    [Fact]
    public void Ragged_dimensions_nest_and_hold_vectors()
    {
        AssertRagged([2, 2, 2], [1, 2, 9, 9, 9, 9, 3, 9], Ints(-1, -1, -1), Ints(1, 2, 3), Tensor.Scalar(9), ("ROW_SPLITS", Ints(0, 1, 3)), ("ROW_SPLITS", Ints(0, 2, 2, 3)));
        AssertRagged([2, 2, 2], [1, 2, 7, 8, 3, 4, 7, 8], Ints(-1, 2, 2), Ints(1, 2, 3, 4).Reshaped(2, 2), Ints(7, 8), ("ROW_SPLITS", Ints(0, 1, 2)));
    }

    [Theory]
    [InlineData("ROW_SPLITS", 1, 5)]
    [InlineData("ROW_SPLITS", 0, 4)]
    [InlineData("ROW_SPLITS", 5, 0)]
    [InlineData("VALUE_ROWIDS", 0, 1)]
    public void Partitions_that_do_not_fit_are_refused(string type, int first, int second) =>
        Assert.Equal(StatusKind.InvalidArgument, Refusal("RaggedTensorToTensor", Partitioned(type), Unknown, Ints(1, 2, 3, 4, 5), Tensor.Scalar(9), Ints(first, second)));

    [Theory]
    [InlineData(true, new long[] { 0, 0, 0, 1, 1, 0 }, new long[] { 0, 0, 1 }, 2)]
    [InlineData(false, new long[] { 0, 0, 0, 1, 0, 2, 1, 0, 1, 1 }, new long[] { 0, 0, 0, 1, 1 }, 3)]
    public void Labels_are_the_best_classes_without_blanks(bool merges, long[] indices, long[] labels, long longest)
    {
        Tensor scores = Floats(TensorShape.Of(4, 2, 3), 5, 0, 0, 0, 3, 0, 4, 1, 4, 1, 2, 0, 0, 0, 1, 9, 9, 9, 2, 1, 0, 9, 9, 9);
        var decoded = Run("CTCGreedyDecoder", AttributeMap.Of(("merge_repeated", merges)), 4, scores, Ints(4, 2));
        Assert.Equal(indices, decoded[0].AsSpan<long>().ToArray());
        Assert.Equal(labels, decoded[1].AsSpan<long>().ToArray());
        Assert.Equal([2, longest], decoded[2].AsSpan<long>().ToArray());
        Assert.Equal([-12f, -5], decoded[3].AsSpan<float>().ToArray());
        Assert.Equal(StatusKind.InvalidArgument, Refusal("CTCGreedyDecoder", AttributeMap.Of(("merge_repeated", merges)), scores, Ints(5, 2)));
    }

    [Fact]
    public void The_blank_may_be_any_class()
    {
        Tensor scores = Floats(TensorShape.Of(2, 1, 2), 1, 0, 0, 1);
        Assert.Equal([1L], Run("CTCGreedyDecoder", AttributeMap.Of(("blank_index", 0)), 4, scores, Ints(2))[1].AsSpan<long>().ToArray());
        Assert.Equal([0L], Run("CTCGreedyDecoder", AttributeMap.Empty, 4, scores, Ints(2))[1].AsSpan<long>().ToArray());
    }

    [Fact]
    public void Numbers_are_counted_by_weight_or_by_occurrence()
    {
        Tensor numbers = Ints(1, 0, 1, 7);
        Assert.Equal([1f, 0.75f], Run("DenseBincount", AttributeMap.Empty, numbers, Tensor.Scalar(2), Floats(TensorShape.Of(4), 0.5f, 1, 0.25f, 8)).AsSpan<float>().ToArray());
        Assert.Equal([1, 1, 0], Run("DenseBincount", AttributeMap.Of(("binary_output", true)), numbers, Tensor.Scalar(3), Ints()).AsSpan<int>().ToArray());
        Assert.Equal(StatusKind.InvalidArgument, Refusal("DenseBincount", AttributeMap.Empty, Ints(-1), Tensor.Scalar(2), Ints()));
    }

    [Fact]
    public void Lists_are_cut_off_and_lengthened()
    {
        var nodes = new[]
        {
            Op("rows", "TensorListFromTensor", "c0 c1", FloatList), Op("long", "TensorListResize", "rows c2"), Op("all", "TensorListStack", "long c1", FloatList),
            Op("short", "TensorListResize", "rows c3"), Op("one", "TensorListStack", "short c1", FloatList), Op("bad", "TensorListResize", "rows c4"),
        };
        Tensor[] constants = [Floats(TensorShape.Of(2, 1), 1, 2), Ints(1), Tensor.Scalar(3), Tensor.Scalar(1), Unknown];
        var stacks = RunAll(constants, nodes, "all", "one");
        Assert.Equal([1f, 2, 0], stacks[0].AsSpan<float>().ToArray());
        Assert.Equal([1f], stacks[1].AsSpan<float>().ToArray());
        Assert.Equal(StatusKind.InvalidArgument, Assert.Throws<ExecutionException>(() => RunAll(constants, nodes, "bad")).Kind);
    }

    [Fact]
    public void Lists_of_different_lengths_are_joined()
    {
        var nodes = new[]
        {
            Op("none", "TensorListReserve", "c0 c1", FloatList), Op("list", "TensorListSetItem", "none c2 c3", FloatList), Op("join", "TensorListConcatV2", "list c0 c4", FloatList),
            Op("given", "TensorListReserve", "c5 c2", FloatList), Op("zeros", "TensorListConcat", "given", FloatList), Op("bad", "TensorListConcatV2", "list c0 c6", FloatList),
        };
        Tensor[] constants = [Ints(-1), Tensor.Scalar(2), Tensor.Scalar(1), Floats(TensorShape.Of(3), 1, 2, 3), Longs(TensorShape.Of(2), 2, 9), Ints(2), Longs(TensorShape.Of(0))];
        var joined = RunAll(constants, nodes, "join:0", "join:1", "zeros:0", "zeros:1");
        Assert.Equal([0f, 0, 1, 2, 3], joined[0].AsSpan<float>().ToArray());
        Assert.Equal([2L, 3], joined[1].AsSpan<long>().ToArray());
        Assert.Equal([0f, 0], joined[2].AsSpan<float>().ToArray());
        Assert.Equal([2L], joined[3].AsSpan<long>().ToArray());
        Assert.Equal(StatusKind.InvalidArgument, Assert.Throws<ExecutionException>(() => RunAll(constants, nodes, "bad")).Kind);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(4, 3)]
    [InlineData(3, 8)]
    public void Spectra_of_matrices_are_the_defining_sums_and_lead_back(int rows, int columns)
    {
        const int Batch = 2;
        (float Real, float Imaginary)[] values = [.. Enumerable.Range(0, Batch * rows * columns).Select(i => (MathF.Sin(3 * i), MathF.Cos(i * i)))];
        Tensor signal = Tensor.Create<(float, float)>(DataType.Complex64, TensorShape.Of(Batch, rows, columns), values);
        Tensor spectrum = Run("FFT2D", AttributeMap.Empty, signal);
        var found = spectrum.AsSpan<(float Real, float Imaginary)>().ToArray();
        for (int i = 0; i < found.Length; i++)
        {
            int image = i / (rows * columns);
            var expected = Complex.Zero;
            for (int t = 0; t < rows * columns; t++)
            {
                var (real, imaginary) = values[(image * rows * columns) + t];
                double turns = ((double)(i / columns % rows) * (t / columns) / rows) + ((double)(i % columns) * (t % columns) / columns);
                expected += new Complex(real, imaginary) * Complex.FromPolarCoordinates(1, -2 * Math.PI * turns);
            }
            Assert.Equal(expected.Real, found[i].Real, 1e-5);
            Assert.Equal(expected.Imaginary, found[i].Imaginary, 1e-5);
        }
        var back = Run("IFFT2D", AttributeMap.Empty, spectrum).AsSpan<(float Real, float Imaginary)>().ToArray();
        Assert.All(values.Zip(back), pair => Assert.Equal(0, Math.Abs(pair.First.Real - pair.Second.Real) + Math.Abs(pair.First.Imaginary - pair.Second.Imaginary), 1e-5));
    }

    private static AttributeMap Partitioned(params string[] types) => AttributeMap.Of(("num_row_partition_tensors", types.Length), ("row_partition_types", AttributeValue.Strings(types)));

    private static void AssertRagged(long[] dimensions, int[] expected, Tensor shape, Tensor values, Tensor filling, params (string Type, Tensor Value)[] partitions)
    {
        var attributes = Partitioned([.. partitions.Select(partition => partition.Type)]);
        Tensor result = Run("RaggedTensorToTensor", attributes, [shape, values, filling, .. partitions.Select(partition => partition.Value)]);
        Assert.Equal(TensorShape.Of(dimensions), result.Shape);
        Assert.Equal(expected, result.AsSpan<int>().ToArray());
    }
}
