using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>A tensor of one value everywhere.</summary>
[Kernel("Fill")]
internal sealed class Fill : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => node.Constants[0] is { } sizes ? [Target(sizes)] : [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        TensorShape shape = Target(call.Inputs[0]);
        Tensor value = call.Inputs[1];
        if (value.Shape.Rank != 0)
            throw Refuse.Invalid($"value must be a scalar, got shape {value.Shape}");
        TensorBuilder result = TensorBuilder.Of(value.Type, shape);
        result.Fill(value);
        return [result.Build()];
    }

    private static TensorShape Target(Tensor sizes) =>
        sizes.Shape.Rank == 1 ? Tensors.ShapeOf(Integers.Read(sizes)) : throw Refuse.Invalid($"dims must be a vector, got shape {sizes.Shape}");
}

/// <summary>Zeros or ones in the shape of the input.</summary>
[Kernel("ZerosLike", "OnesLike")]
internal sealed class ConstantLike : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        TensorBuilder result = TensorBuilder.Of(input.Type, input.Shape);
        if (call.Node.Op == "OnesLike" && input.ElementCount > 0)
            result.Fill(One(input.Type));
        return [result.Build()];
    }

    private static Tensor One(DataType type) => type switch
    {
        DataType.Bool => Tensor.Create<bool>(type, TensorShape.Scalar, [true]),
        DataType.Complex64 => Tensor.Create<(float, float)>(type, TensorShape.Scalar, [(1f, 0f)]),
        DataType.Complex128 => Tensor.Create<(double, double)>(type, TensorShape.Scalar, [(1.0, 0.0)]),
        _ => RealValues.FromDoubles(type, TensorShape.Scalar, [1.0]),
    };
}

/// <summary>An output of zeros: the real kernel's is uninitialised unless it is asked to clear it.</summary>
[Kernel("Empty")]
internal sealed class Empty : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        node.Constants[0] is { } sizes ? [Tensors.ShapeOf(Integers.Read(sizes))] : [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call) => [TensorBuilder.Of(call.Node.Type("dtype"), Tensors.ShapeOf(Integers.Read(call.Inputs[0]))).Build()];
}
