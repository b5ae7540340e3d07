using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>Real part, imaginary part, magnitude or angle of complex numbers.</summary>
[Kernel("Real", "Imag", "ComplexAbs", "Angle")]
internal sealed class ComplexPart : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        if (input.Type != DataType.Complex64)
            throw Refuse.Type(input.Type, "complex64");
        ReadOnlySpan<(float Real, float Imaginary)> values = input.AsSpan<(float, float)>();
        Tensor result = Tensor.Allocate<float>(DataType.Float, input.Shape, out var parts);
        for (int i = 0; i < parts.Length; i++)
            parts[i] = Part(call.Node.Op, values[i].Real, values[i].Imaginary);
        return [result];
    }

    private static float Part(string op, float real, float imaginary) => op switch
    {
        "Real" => real,
        "Imag" => imaginary,
        "Angle" => MathF.Atan2(imaginary, real),
        _ => (float)double.Hypot(real, imaginary),
    };
}

/// <summary>Complex numbers of real and imaginary parts, which must have the same shape or be one number.</summary>
[Kernel("Complex")]
internal sealed class ComplexOfParts : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [Broadcast.Infer(node.Shapes[0], node.Shapes[1])];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor real = call.Inputs[0];
        Tensor imaginary = call.Inputs[1];
        if (real.Type != DataType.Float || imaginary.Type != DataType.Float)
            throw Refuse.Type(real.Type, "float");
        if (!real.Shape.Equals(imaginary.Shape) && real.Shape.Rank != 0 && imaginary.Shape.Rank != 0)
            throw Refuse.Invalid($"real and imag have shapes {real.Shape} and {imaginary.Shape}; only equal ones and scalars are supported");
        TensorShape shape = real.Shape.Rank == 0 ? imaginary.Shape : real.Shape;
        ReadOnlySpan<float> first = real.AsSpan<float>();
        ReadOnlySpan<float> second = imaginary.AsSpan<float>();
        Tensor result = Tensor.Allocate<(float Real, float Imaginary)>(DataType.Complex64, shape, out var values);
        for (int i = 0; i < values.Length; i++)
            values[i] = (first[real.Shape.Rank == 0 ? 0 : i], second[imaginary.Shape.Rank == 0 ? 0 : i]);
        return [result];
    }
}
