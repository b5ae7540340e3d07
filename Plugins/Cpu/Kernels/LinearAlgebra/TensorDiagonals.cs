using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.LinearAlgebra;

/// <summary>A tensor [d…] as the diagonal of a tensor of zeros [d…, d…].</summary>
[Kernel("Diag")]
internal sealed class Diag : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => Tensors.Infer(node, () => Shape(node.Shapes[0]));

    public Tensor[] Compute(KernelCall call)
    {
        Tensor diagonal = call.Inputs[0];
        TensorBuilder result = TensorBuilder.Of(diagonal.Type, Shape(diagonal.Shape));
        int size = (int)diagonal.ElementCount;
        for (int i = 0; i < size; i++)
            result.Copy(diagonal, i, i * (size + 1), 1);
        return [result.Build()];
    }

    private static TensorShape Shape(TensorShape diagonal) => diagonal.Rank < 1
        ? throw Refuse.Invalid($"Input must be at least rank 1, got {diagonal.Rank}")
        : TensorShape.Of([.. diagonal.Dimensions, .. diagonal.Dimensions]);
}

/// <summary>The diagonal [d…] of a tensor [d…, d…].</summary>
[Kernel("DiagPart")]
internal sealed class DiagPart : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => Tensors.Infer(node, () => Shape(node.Shapes[0]));

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        TensorShape shape = Shape(input.Shape);
        TensorBuilder result = TensorBuilder.Of(input.Type, shape);
        int size = (int)shape.ElementCount;
        for (int i = 0; i < size; i++)
            result.Copy(input, i * (size + 1), i, 1);
        return [result.Build()];
    }

    private static TensorShape Shape(TensorShape input)
    {
        int half = input.Rank / 2;
        if (input.Rank < 2 || input.Rank % 2 != 0)
            throw Refuse.Invalid($"The rank of the tensor should be even and positive, got shape {input}");
        if (!input.Dimensions.AsSpan()[..half].SequenceEqual(input.Dimensions.AsSpan()[half..]))
            throw Refuse.Invalid($"Invalid shape {input}: the second half of the dimensions does not match the first");
        return TensorShape.Of(input.Dimensions.AsSpan()[..half]);
    }
}
