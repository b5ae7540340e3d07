using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Segments;

/// <summary>Reduces neighbouring rows with the same segment number; numbers must not decrease, and gaps between them give zeros (ones for a product).</summary>
[Kernel("SegmentSum", "SegmentMean", "SegmentProd", "SegmentMin", "SegmentMax")]
internal sealed class SegmentReduction : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor data = call.Inputs[0];
        long[] segments = SegmentNumbers.Sorted(call.Inputs[1]);
        if (data.Shape.Rank < 1 || data.Shape[0] != segments.Length)
            throw Refuse.Invalid("segment_ids should be the same size as dimension 0 of input.");
        long[] rows = [.. Enumerable.Range(0, segments.Length).Select(row => (long)row)];
        return [SegmentNumbers.Rows(data, rows, segments, segments.Length == 0 ? 0 : segments[^1] + 1).Reduce(SegmentFunctions.Of(call.Node.Op), EmptySegment.Zero)];
    }
}

/// <summary>Gathers rows by index, then reduces neighbouring ones with the same segment number.</summary>
[Kernel(
    "SparseSegmentSum", "SparseSegmentMean", "SparseSegmentSqrtN",
    "SparseSegmentSumWithNumSegments", "SparseSegmentMeanWithNumSegments", "SparseSegmentSqrtNWithNumSegments")]
internal sealed class SparseSegmentReduction : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor data = call.Inputs[0];
        if (data.Shape.Rank < 1)
            throw Refuse.Invalid("Shape must be at least rank 1");
        long[] rows = Integers.Read(call.Inputs[1]);
        long[] segments = SegmentNumbers.Sorted(call.Inputs[2]);
        if (rows.Length != segments.Length)
            throw Refuse.Invalid("segment_ids and indices should have same size.");
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i] < 0 || rows[i] >= data.Shape[0])
                throw Refuse.Invalid($"Bad: indices[{i}] == {rows[i]} out of range [0, {data.Shape[0]})");
        }
        long count = segments.Length == 0 ? 0 : segments[^1] + 1;
        if (call.Inputs.Count > 3)
            count = SegmentNumbers.Count(call.Inputs[3], count);
        return [SegmentNumbers.Rows(data, rows, segments, count).Reduce(SegmentFunctions.Of(call.Node.Op), EmptySegment.Zero)];
    }
}

/// <summary>Reduces rows by segment numbers in any order; negative numbers are left out.</summary>
[Kernel("UnsortedSegmentSum", "UnsortedSegmentProd", "UnsortedSegmentMin", "UnsortedSegmentMax")]
internal sealed class UnsortedSegmentReduction : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor data = call.Inputs[0];
        TensorShape ids = call.Inputs[1].Shape;
        if (ids.Rank > data.Shape.Rank || !data.Shape.Dimensions.AsSpan()[..ids.Rank].SequenceEqual(ids.Dimensions.AsSpan()))
            throw Refuse.Invalid($"data.shape = {data.Shape} does not start with segment_ids.shape = {ids}");
        long[] segments = Integers.Read(call.Inputs[1]);
        long count = SegmentNumbers.Count(call.Inputs[2], 0);
        for (int i = 0; i < segments.Length; i++)
        {
            if (segments[i] >= count)
                throw Refuse.Invalid($"segment_ids[{i}] = {segments[i]} is out of range [0, {count})");
        }
        var row = data.Shape.Dimensions.AsSpan()[ids.Rank..];
        long[] rows = [.. Enumerable.Range(0, segments.Length).Select(number => (long)number)];
        var gathered = new SegmentRows(data, rows, segments, (int)Tensors.Product(row), Tensors.ShapeOf([count, .. row]));
        return [gathered.Reduce(SegmentFunctions.Of(call.Node.Op), EmptySegment.MinMaxTile)];
    }
}

/// <summary>Reading and checking segment numbers.</summary>
internal static class SegmentNumbers
{
    /// <summary>Segment numbers that must not be negative and must not decrease.</summary>
    public static long[] Sorted(Tensor ids)
    {
        if (ids.Shape.Rank != 1)
            throw Refuse.Invalid("segment_ids should be a vector.");
        long[] segments = Integers.Read(ids);
        for (int i = 0; i < segments.Length; i++)
        {
            if (segments[i] < 0)
                throw Refuse.Invalid("segment ids must be >= 0");
            if (i > 0 && segments[i] < segments[i - 1])
                throw Refuse.Invalid("segment ids are not increasing");
        }
        return segments;
    }

    /// <summary>The number of segments that an input asks for, at least as many as are used.</summary>
    public static long Count(Tensor input, long used)
    {
        long count = Integers.Scalar(input, "num_segments");
        if (count < 0)
            throw Refuse.Invalid("Input num_segments == " + count + " must not be negative.");
        return count >= used ? count : throw Refuse.Invalid("segment ids must be < num_segments");
    }

    /// <summary>The rows of the first dimension, gathered into a number of segments.</summary>
    public static SegmentRows Rows(Tensor data, long[] rows, long[] segments, long count)
    {
        var row = data.Shape.Dimensions.AsSpan()[1..];
        return new(data, rows, segments, (int)Tensors.Product(row), Tensors.ShapeOf([count, .. row]));
    }
}
