using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using static TransformFramework.Cpu.NodeRun;

namespace TransformFramework.Cpu.Kernels;

/// <summary>Movement ops that the kernel oracle has no cases of.</summary>
public sealed class MovementKernelTests
{
    private static readonly Tensor Matrix = Ints(2, 3, 1, 2, 3, 4, 5, 6);

    [Fact]
    public void TransposesStringsAsNumbers()
    {
        Tensor words = Words(TensorShape.Of(2, 3), "a", "b", "c", "d", "e", "f");
        Assert.Equal(["a", "d", "b", "e", "c", "f"], Run("Transpose", AttributeMap.Empty, words, NodeRun.Ints(1, 0)).Strings());
    }

    [Fact]
    public void TransposesLargePlanesTileByTile()
    {
        int[] values = [.. Enumerable.Range(0, 2 * 37 * 53)];
        Tensor input = Tensor.Create<int>(DataType.Int32, TensorShape.Of(2, 37, 53), values);
        Tensor turned = Run("Transpose", AttributeMap.Empty, input, NodeRun.Ints(2, 0, 1));
        Assert.Equal(TensorShape.Of(53, 2, 37), turned.Shape);
        for (int i = 0; i < values.Length; i++)
        {
            int column = i / (2 * 37);
            int plane = i / 37 % 2;
            int row = i % 37;
            Assert.Equal(values[(plane * 37 * 53) + (row * 53) + column], turned.AsSpan<int>()[i]);
        }
    }

    [Theory]
    [InlineData(1, 0, new[] { 4, 5, 6, 1, 2, 3 })]
    [InlineData(-1, 1, new[] { 2, 3, 1, 5, 6, 4 })]
    public void Rolls(int shift, int axis, int[] expected) =>
        Assert.Equal(expected, Run("Roll", AttributeMap.Empty, Matrix, Tensor.Scalar(shift), Tensor.Scalar(axis)).AsSpan<int>().ToArray());

    [Fact]
    public void ReversesSequences() =>
        Assert.Equal([2, 1, 3, 6, 5, 4], Run("ReverseSequence", AttributeMap.Of(("seq_dim", 1), ("batch_dim", 0), ("Tlen", DataType.Int32)), Matrix, NodeRun.Ints(2, 3)).AsSpan<int>().ToArray());

    [Fact]
    public void PartitionsAndStitches()
    {
        var parts = Run("DynamicPartition", AttributeMap.Of(("num_partitions", 2)), 2, Matrix, NodeRun.Ints(1, 0));
        Assert.Equal([4, 5, 6], parts[0].AsSpan<int>().ToArray());
        Tensor stitched = Run("DynamicStitch", AttributeMap.Of(("N", 2)), NodeRun.Ints(1), NodeRun.Ints(0), parts[0], parts[1]);
        Assert.True(stitched.ContentEquals(Matrix));
    }

    [Fact]
    public void BroadcastsToAShape()
    {
        Tensor wide = Run("BroadcastTo", AttributeMap.Empty, Ints(2, 1, 7, 8), NodeRun.Ints(2, 2, 2));
        Assert.Equal([7, 7, 8, 8, 7, 7, 8, 8], wide.AsSpan<int>().ToArray());
        Assert.Equal(StatusKind.InvalidArgument, Refusal("BroadcastTo", AttributeMap.Empty, Matrix, NodeRun.Ints(2, 4)));
    }

    [Fact]
    public void ScattersAndAddsUp()
    {
        Tensor indices = Longs(TensorShape.Of(3, 1), 2, 0, 2);
        Tensor updates = Floats(TensorShape.Of(3), 1f, 2f, 3f);
        Assert.Equal([2f, 0f, 4f], Run("ScatterNd", AttributeMap.Empty, indices, updates, Longs(TensorShape.Of(1), 3)).AsSpan<float>().ToArray());
        Tensor target = Floats(TensorShape.Of(3), 9f, 9f, 9f);
        Assert.Equal([2f, 9f, 3f], Run("TensorScatterUpdate", AttributeMap.Empty, target, indices, updates).AsSpan<float>().ToArray());
        Assert.Equal([7f, 9f, 5f], Run("TensorScatterSub", AttributeMap.Empty, target, indices, updates).AsSpan<float>().ToArray());
        Assert.Equal(StatusKind.InvalidArgument, Refusal("TensorScatterAdd", AttributeMap.Empty, Floats(TensorShape.Of(2), 0f, 0f), indices, updates));
    }

    [Fact]
    public void ExtractsPatches()
    {
        Tensor image = Floats(TensorShape.Of(1, 3, 3, 1), 1, 2, 3, 4, 5, 6, 7, 8, 9);
        AttributeMap attributes = AttributeMap.Of(
            ("ksizes", AttributeValue.Ints(1, 2, 2, 1)), ("strides", AttributeValue.Ints(1, 2, 2, 1)), ("rates", AttributeValue.Ints(1, 1, 1, 1)), ("padding", "SAME"));
        Tensor patches = Run("ExtractImagePatches", attributes, image);
        Assert.Equal(TensorShape.Of(1, 2, 2, 4), patches.Shape);
        Assert.Equal([1f, 2, 4, 5, 3, 0, 6, 0, 7, 8, 0, 0, 9, 0, 0, 0], patches.AsSpan<float>().ToArray());
    }

    [Fact]
    public void FillsEmptyRows()
    {
        var filled = Run("SparseFillEmptyRows", AttributeMap.Empty, 4,
            Longs(TensorShape.Of(2, 2), 0, 1, 2, 0), Floats(TensorShape.Of(2), 5f, 6f), Longs(TensorShape.Of(2), 3, 4), Tensor.Scalar(-1f));
        Assert.Equal([0L, 1, 1, 0, 2, 0], filled[0].AsSpan<long>().ToArray());
        Assert.Equal([5f, -1f, 6f], filled[1].AsSpan<float>().ToArray());
        Assert.Equal([false, true, false], filled[2].AsSpan<bool>().ToArray());
        Assert.Equal([0L, 2], filled[3].AsSpan<long>().ToArray());
    }

    [Fact]
    public void MultipliesSparseByDense()
    {
        Tensor product = Run("SparseTensorDenseMatMul", AttributeMap.Of(("adjoint_b", true)),
            Longs(TensorShape.Of(2, 2), 0, 1, 1, 0), Floats(TensorShape.Of(2), 2f, 3f), Longs(TensorShape.Of(2), 2, 2), Floats(TensorShape.Of(1, 2), 10f, 20f));
        Assert.Equal([40f, 30f], product.AsSpan<float>().ToArray());
    }

    [Fact]
    public void MakesRaggedRanges()
    {
        var ranges = Run("RaggedRange", AttributeMap.Empty, 2, NodeRun.Ints(0, 5, 8), NodeRun.Ints(3, 5, 12), Tensor.Scalar(2));
        Assert.Equal([0L, 2, 2, 4], ranges[0].AsSpan<long>().ToArray());
        Assert.Equal([0, 2, 8, 10], ranges[1].AsSpan<int>().ToArray());
    }

    private static Tensor Ints(int rows, int columns, params int[] values) => Tensor.Create<int>(DataType.Int32, TensorShape.Of(rows, columns), values);
}
