using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Convolution;

/// <summary>The leading dimensions of a convolution's data that are all batch: one, but for the op Conv, whose attribute <c>batch_dims</c> says how many.</summary>
internal readonly record struct BatchDimensions(int Count)
{
    /// <exception cref="TransformFramework.Execution.ExecutionException">InvalidArgument: the data has fewer dimensions.</exception>
    public static BatchDimensions Of(Node node, TensorShape input)
    {
        if (node.Op != "Conv" || !node.Attributes.ContainsKey("batch_dims"))
            return new(1);
        long count = node.Long("batch_dims");
        return count >= 1 && count <= input.Rank - 3 ? new((int)count) : throw Refuse.Invalid($"batch_dims {count} of data {input} leaves no window");
    }

    /// <summary>The shape with one batch dimension; -1 where one of several is unknown.</summary>
    public TensorShape Merge(TensorShape shape)
    {
        if (Count == 1)
            return shape;
        TensorShape batch = TensorShape.Of([.. shape.Dimensions.Take(Count)]);
        return TensorShape.Of([batch.IsFullyKnown ? batch.ElementCount : -1, .. shape.Dimensions.Skip(Count)]);
    }

    /// <summary>A shape of one batch dimension with those of the data in its place.</summary>
    public TensorShape Split(TensorShape shape, TensorShape input) => Count == 1 ? shape : TensorShape.Of([.. input.Dimensions.Take(Count), .. shape.Dimensions.Skip(1)]);
}
