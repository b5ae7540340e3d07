using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Stretches dimensions of size 1 until the input has the given shape.</summary>
[Kernel("BroadcastTo")]
internal sealed class BroadcastTo : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => node.Constants[1] is { } shape ? [Target(shape)] : [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        TensorShape shape = Target(call.Inputs[1]);
        if (shape.Rank < input.Shape.Rank)
            throw Refuse.Invalid($"Rank of input ({input.Shape.Rank}) must be no greater than rank of output shape ({shape.Rank}).");
        int[] own = Strided.RowMajor(input.Shape.Dimensions.AsSpan());
        int[] strides = new int[shape.Rank];
        int shift = shape.Rank - own.Length;
        for (int i = 0; i < own.Length; i++)
        {
            long dimension = input.Shape[i];
            if (dimension != 1 && dimension != shape[i + shift])
                throw Refuse.Invalid($"Incompatible shapes: {input.Shape} vs. {shape}");
            strides[i + shift] = dimension == 1 ? 0 : own[i];
        }
        return [Tensors.Take(input, new(0, strides), shape.Dimensions.AsSpan(), shape)];
    }

    private static TensorShape Target(Tensor shape) =>
        shape.Shape.Rank == 1 ? Tensors.ShapeOf(Integers.Read(shape)) : throw Refuse.Invalid($"shape must be 1-D, not {shape.Shape}");
}

/// <summary>The shape to which two shapes broadcast.</summary>
[Kernel("BroadcastArgs")]
internal sealed class BroadcastArguments : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        foreach (Tensor input in call.Inputs)
        {
            if (input.Shape.Rank != 1)
                throw Refuse.Invalid($"In[0] and In[1] must be vectors. {input.Shape}");
        }
        TensorShape shape = Broadcast.Of(Tensors.ShapeOf(Integers.Read(call.Inputs[0])), Tensors.ShapeOf(Integers.Read(call.Inputs[1]))).Shape;
        return [Integers.Write(call.Inputs[0].Type, TensorShape.Of(shape.Rank), shape.Dimensions.AsSpan())];
    }
}
