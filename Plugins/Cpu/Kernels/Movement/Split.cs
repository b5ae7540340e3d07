using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Cuts along an axis into equal pieces.</summary>
[Kernel("Split")]
internal sealed class Split : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        int count = node.Node.Int("num_split");
        if (!Tensors.IsKnown(node, 0))
            return [.. Enumerable.Repeat(TensorShape.Unknown, count)];
        var (axis, size) = Pieces(node.Node, node.Constants[0]!, node.Shapes[1]);
        return [.. Enumerable.Repeat(TensorShape.Of(node.Shapes[1].Dimensions.SetItem(axis, size)), count)];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor value = call.Inputs[1];
        var (axis, size) = Pieces(call.Node, call.Inputs[0], value.Shape);
        return Cut(value, axis, [.. Enumerable.Repeat(size, call.Node.Int("num_split"))]);
    }

    /// <summary>Cuts along an axis into pieces of given sizes.</summary>
    public static Tensor[] Cut(Tensor value, int axis, long[] sizes)
    {
        int[] strides = Strided.RowMajor(value.Shape.Dimensions.AsSpan());
        var pieces = new Tensor[sizes.Length];
        long start = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            TensorShape shape = TensorShape.Of(value.Shape.Dimensions.SetItem(axis, sizes[i]));
            pieces[i] = Tensors.Take(value, new((int)start * strides[axis], strides), shape.Dimensions.AsSpan(), shape);
            start += sizes[i];
        }
        return pieces;
    }

    private static (int Axis, long Size) Pieces(Node node, Tensor axisInput, TensorShape value)
    {
        long given = Integers.Scalar(axisInput, "split_dim");
        long axis = given < 0 ? given + value.Rank : given;
        int count = node.Int("num_split");
        if (axis < 0 || axis >= value.Rank)
            throw Refuse.Invalid($"-input rank(-{value.Rank}) <= split_dim < input rank ({value.Rank}), but got {given}");
        if (count <= 0)
            throw Refuse.Invalid($"Number of ways to split should be > 0, but got {count}");
        long size = value[(int)axis];
        if (size % count != 0)
            throw Refuse.Invalid($"Number of ways to split should evenly divide the split dimension, but got split_dim {axis} (size = {size}) and num_split {count}");
        return ((int)axis, size / count);
    }
}

/// <summary>Cuts along an axis into pieces of given sizes, of which one may be -1.</summary>
[Kernel("SplitV")]
internal sealed class SplitV : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        if (!Tensors.IsKnown(node, 1, 2))
            return [.. Enumerable.Repeat(TensorShape.Unknown, node.Node.Int("num_split"))];
        var (axis, sizes) = Pieces(node.Node, node.Shapes[0], node.Constants[1]!, node.Constants[2]!);
        return [.. sizes.Select(size => TensorShape.Of(node.Shapes[0].Dimensions.SetItem(axis, size)))];
    }

    public Tensor[] Compute(KernelCall call)
    {
        var (axis, sizes) = Pieces(call.Node, call.Inputs[0].Shape, call.Inputs[1], call.Inputs[2]);
        return Split.Cut(call.Inputs[0], axis, sizes);
    }

    private static (int Axis, long[] Sizes) Pieces(Node node, TensorShape value, Tensor sizesInput, Tensor axisInput)
    {
        int count = node.Int("num_split");
        if (count <= 0)
            throw Refuse.Invalid($"Number of ways to split should be > 0, but got {count}");
        if (sizesInput.Shape.Rank != 1 || sizesInput.ElementCount != count)
            throw Refuse.Invalid($"size of the split_tensor must be 1-D and have the same elements as outputs got {sizesInput.Shape.Rank} -D and {sizesInput.ElementCount} elements");
        long given = Integers.Scalar(axisInput, "split_dim");
        if (value.Rank == 0)
            throw Refuse.Invalid("Can't split a 0 dimensional input");
        long axis = given < 0 ? given + value.Rank : given;
        if (axis < 0 || axis >= value.Rank)
            throw Refuse.Invalid($"-input rank(-{value.Rank}) <= split_dim < input rank ({value.Rank}), but got {given}");
        return ((int)axis, Complete(Integers.Read(sizesInput), value[(int)axis]));
    }

    private static long[] Complete(long[] sizes, long total)
    {
        int missing = -1;
        long determined = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] < -1)
                throw Refuse.Invalid($"Split size at index {i} must be >= 0. Got: {sizes[i]}");
            if (sizes[i] == -1 && missing >= 0)
                throw Refuse.Invalid("There can only be one -1 in the input.");
            if (sizes[i] == -1)
                missing = i;
            else
                determined += sizes[i];
        }
        if (missing < 0 ? determined != total : determined > total)
        {
            throw Refuse.Invalid("Determined shape must either match input shape along split_dim exactly if fully specified, or be less than the size of the input along "
                + $"split_dim if not fully specified.  Got: {determined}");
        }
        if (missing >= 0)
            sizes[missing] = total - determined;
        return sizes;
    }
}
