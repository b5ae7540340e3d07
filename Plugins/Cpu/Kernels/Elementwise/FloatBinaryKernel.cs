using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>z = f(x, y) with broadcasting for the floating-point types, computed in double and rounded once.</summary>
internal abstract class FloatBinaryKernel : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [Broadcast.Infer(node.Shapes[0], node.Shapes[1])];

    public virtual Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        Tensor y = call.Inputs[1];
        if (x.Type != y.Type)
            throw Refuse.Invalid($"inputs of types {x.Type.Name()} and {y.Type.Name()}");
        var broadcast = Broadcast.Of(x.Shape, y.Shape);
        double[] left = Read(x);
        double[] right = Read(y);
        double[] result = new double[checked((int)broadcast.Shape.ElementCount)];
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < result.Length; i++, pair.Next())
            result[i] = Apply(left[pair.Left], right[pair.Right]);
        return [Floats.FromDoubles(x.Type, broadcast.Shape, result)];
    }

    protected abstract double Apply(double x, double y);

    protected virtual double[] Read(Tensor tensor) => Floats.ToDoubles(tensor);
}

/// <summary>The angle of (y, x); denormals count, as in the C library, but the quotient of two is none.</summary>
[Kernel("Atan2")]
internal sealed class Atan2 : FloatBinaryKernel
{
    protected override double[] Read(Tensor tensor) => tensor.Type == DataType.Double ? base.Read(tensor) : [.. tensor.ToSingles().Select(value => (double)value)];

    protected override double Apply(double x, double y) => IsDenormal(x) && IsDenormal(y) ? double.NaN : Math.Atan2(x, y);

    private static bool IsDenormal(double value) => value != 0 && Denormals.Flush((float)value) == 0;
}

/// <summary>x·ln y, 0 for x = 0.</summary>
[Kernel("Xlogy")]
internal sealed class Xlogy : FloatBinaryKernel
{
    protected override double Apply(double x, double y) => x == 0 ? 0 : x * Math.Log(y);
}

/// <summary>x·ln(1 + y), 0 for x = 0.</summary>
[Kernel("Xlog1py")]
internal sealed class Xlog1py : FloatBinaryKernel
{
    protected override double Apply(double x, double y) => x == 0 ? 0 : x * double.LogP1(y);
}

/// <summary>x / y, 0 for x = 0.</summary>
[Kernel("Xdivy")]
internal sealed class Xdivy : FloatBinaryKernel
{
    protected override double Apply(double x, double y) => x == 0 ? 0 : x / y;
}

/// <summary>The lower regularized incomplete gamma function P(a, x).</summary>
[Kernel("Igamma")]
internal sealed class Igamma : FloatBinaryKernel
{
    protected override double Apply(double x, double y) => SpecialFunctions.LowerGamma(x, y);
}

/// <summary>The upper regularized incomplete gamma function Q(a, x).</summary>
[Kernel("Igammac")]
internal sealed class Igammac : FloatBinaryKernel
{
    protected override double Apply(double x, double y) => SpecialFunctions.UpperGamma(x, y);
}

/// <summary>The Hurwitz zeta function ζ(x, q).</summary>
[Kernel("Zeta")]
internal sealed class Zeta : FloatBinaryKernel
{
    protected override double Apply(double x, double y) => SpecialFunctions.Zeta(x, y);
}

/// <summary>The polygamma function of order a at x.</summary>
[Kernel("Polygamma")]
internal sealed class Polygamma : FloatBinaryKernel
{
    protected override double Apply(double x, double y) => SpecialFunctions.Polygamma(x, y);
}
