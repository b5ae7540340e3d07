using System.Runtime.Intrinsics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

[Kernel("Erf")]
internal sealed class Erf : UnaryKernel
{
    protected override double Apply(double x) => SpecialFunctions.Erf(x);

    protected override float Apply(float x) => ErrorFunction.Erf(x);

    protected override float ApplyPacket(float x) => PacketMath.Erf(x);

    protected override void ApplyPackets(ReadOnlySpan<float> x, Span<float> y) => PacketVectors.Map<Packets>(x, y);

    private readonly struct Packets : IPacketFunction
    {
        public static Vector256<float> Apply(Vector256<float> x) => PacketVectors.Erf(x);
    }
}

[Kernel("Erfc")]
internal sealed class Erfc : UnaryKernel
{
    protected override double Apply(double x) => SpecialFunctions.Erfc(x);
}

[Kernel("Lgamma")]
internal sealed class Lgamma : UnaryKernel
{
    protected override double Apply(double x) => SpecialFunctions.LogGamma(x);
}

[Kernel("Digamma")]
internal sealed class Digamma : UnaryKernel
{
    protected override double Apply(double x) => SpecialFunctions.Digamma(x);
}

/// <summary>The regularized incomplete beta function of three tensors of one shape; scalars stretch.</summary>
[Kernel("Betainc")]
internal sealed class Betainc : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes.FirstOrDefault(shape => shape.Rank > 0) ?? node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        TensorShape shape = call.Inputs.FirstOrDefault(input => input.Shape.Rank > 0)?.Shape ?? TensorShape.Scalar;
        if (call.Inputs.Any(input => input.Shape.Rank > 0 && !input.Shape.Dimensions.SequenceEqual(shape.Dimensions)))
            throw Refuse.Invalid($"Shapes of a, b and x are inconsistent: {string.Join(", ", call.Inputs.Select(input => input.Shape))}");
        double[][] inputs = [.. call.Inputs.Select(Floats.ToDoubles)];
        double[] result = new double[checked((int)shape.ElementCount)];
        for (int i = 0; i < result.Length; i++)
            result[i] = SpecialFunctions.IncompleteBeta(At(inputs[0], i), At(inputs[1], i), At(inputs[2], i));
        return [Floats.FromDoubles(call.Inputs[0].Type, shape, result)];
    }

    private static double At(double[] values, int index) => values[values.Length == 1 ? 0 : index];
}
