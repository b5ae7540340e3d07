using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>A slice with steps, masks, an ellipsis, new axes and single indices.</summary>
[Kernel("StridedSlice")]
internal sealed class StridedSlice : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        Tensors.Infer(node, () => SliceSpec.Of(node.Node, node.Shapes[0], node.Constants[1]!, node.Constants[2]!, node.Constants[3]!).Target, 1, 2, 3);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        var slice = SliceSpec.Of(call.Node, input.Shape, call.Inputs[1], call.Inputs[2], call.Inputs[3]);
        return [Tensors.Take(input, slice.In(input.Shape), slice.Count, slice.Target)];
    }
}

/// <summary>A block given by its first corner and its size; size -1 takes the rest.</summary>
[Kernel("Slice")]
internal sealed class Slice : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        Tensors.Infer(node, () => TensorShape.Of(Block(node.Shapes[0], node.Constants[1]!, node.Constants[2]!).Size), 1, 2);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        var (begin, size) = Block(input.Shape, call.Inputs[1], call.Inputs[2]);
        int[] strides = Strided.RowMajor(input.Shape.Dimensions.AsSpan());
        int offset = 0;
        for (int i = 0; i < strides.Length; i++)
            offset += (int)begin[i] * strides[i];
        return [Tensors.Take(input, new(offset, strides), size, TensorShape.Of(size))];
    }

    private static (long[] Begin, long[] Size) Block(TensorShape input, Tensor beginInput, Tensor sizeInput)
    {
        if (beginInput.Shape.Rank != 1 || sizeInput.Shape.Rank != 1 || beginInput.ElementCount != input.Rank || sizeInput.ElementCount != input.Rank)
            throw Refuse.Invalid($"Expected begin and size arguments to be 1-D tensors of size {input.Rank}, but got shapes {beginInput.Shape} and {sizeInput.Shape} instead.");
        long[] begin = Integers.Read(beginInput);
        long[] size = Integers.Read(sizeInput);
        for (int i = 0; i < size.Length; i++)
        {
            if (size[i] == -1)
                size[i] = input[i] - begin[i];
            if (begin[i] < 0 || begin[i] > input[i])
                throw Refuse.Invalid($"Expected begin[{i}] in [0, {input[i]}], but got {begin[i]}");
            if (size[i] < 0 || begin[i] + size[i] > input[i])
                throw Refuse.Invalid($"Expected size[{i}] in [0, {input[i] - begin[i]}], but got {size[i]}");
        }
        return (begin, size);
    }
}
