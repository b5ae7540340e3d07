using System.Numerics;
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
        Func<Complex, double> part = call.Node.Op switch
        {
            "Real" => static value => value.Real,
            "Imag" => static value => value.Imaginary,
            "Angle" => static value => Math.Atan2(value.Imaginary, value.Real),
            _ => static value => double.Hypot(value.Real, value.Imaginary),
        };
        if (call.Node.Op == "Angle" && input.Type == DataType.Complex64)
            part = static value => MathF.Atan2((float)value.Imaginary, (float)value.Real);
        double[] parts = Array.ConvertAll(ComplexValues.Read(input), value => part(value));
        return [input.Type == DataType.Complex128
            ? Tensor.Create<double>(DataType.Double, input.Shape, parts)
            : Tensor.Create<float>(DataType.Float, input.Shape, Array.ConvertAll(parts, value => (float)value))];
    }
}

/// <summary>The conjugates of complex numbers; real ones stay as they are.</summary>
[Kernel("Conj")]
internal sealed class Conjugate : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        return [input.Type.IsComplex() ? ComplexValues.Write(input.Type, input.Shape, Array.ConvertAll(ComplexValues.Read(input), Complex.Conjugate)) : input];
    }
}

/// <summary>Complex numbers of real and imaginary parts, broadcast against each other.</summary>
[Kernel("Complex")]
internal sealed class ComplexOfParts : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [Broadcast.Infer(node.Shapes[0], node.Shapes[1])];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor real = call.Inputs[0];
        Tensor imaginary = call.Inputs[1];
        if (real.Type != imaginary.Type || real.Type is not (DataType.Float or DataType.Double))
            throw Refuse.Type(real.Type, "float and double");
        var broadcast = Broadcast.Of(real.Shape, imaginary.Shape);
        return [real.Type == DataType.Double ? Join<double>(real, imaginary, broadcast, DataType.Complex128) : Join<float>(real, imaginary, broadcast, DataType.Complex64)];
    }

    private static Tensor Join<T>(Tensor real, Tensor imaginary, Broadcast broadcast, DataType type)
        where T : unmanaged
    {
        Tensor result = Tensor.Allocate<(T Real, T Imaginary)>(type, broadcast.Shape, out var values);
        ReadOnlySpan<T> first = real.AsSpan<T>();
        ReadOnlySpan<T> second = imaginary.AsSpan<T>();
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < values.Length; i++, pair.Next())
            values[i] = (first[pair.Left], second[pair.Right]);
        return result;
    }
}
