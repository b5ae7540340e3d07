using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>y = f(x) for the floating-point types; half and bfloat16 are computed in float and rounded once.</summary>
internal abstract class UnaryKernel : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public virtual Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        return [x.Type switch
        {
            DataType.Float => Floats(x),
            DataType.Double => Elements.Map<double, double>(x, x.Type, value => Denormals.Flush(Apply(Denormals.Flush(value)))),
            DataType.Half => Elements.Map<Half, Half>(x, x.Type, value => (Half)Apply((float)value)),
            DataType.BFloat16 => Elements.Map<ushort, ushort>(x, x.Type, value => BFloat16.FromFloat(Apply(BFloat16.ToFloat(value)))),
            DataType.Complex64 or DataType.Complex128 when ComplexFunction is { } function => ComplexValues.Write(x.Type, x.Shape, Array.ConvertAll(ComplexValues.Read(x), value => function(value))),
            _ => throw Refuse.Type(x.Type, "float, double, half and bfloat16"),
        }];
    }

    /// <summary>The function of each of some floats: packets first, then what remains; the results may take the place of the floats.</summary>
    public void Apply(ReadOnlySpan<float> x, Span<float> y)
    {
        int packed = PacketMath.Packed(y.Length);
        ApplyPackets(x[..packed], y);
        for (int i = packed; i < y.Length; i++)
            y[i] = Denormals.Flush(Apply(Denormals.Flush(x[i])));
    }

    /// <summary>The function of complex numbers; null when the op takes none.</summary>
    protected virtual Func<Complex, Complex>? ComplexFunction => null;

    protected abstract double Apply(double x);

    protected virtual float Apply(float x) => (float)Apply((double)x);

    /// <summary>The function for an element of a packet, where TensorFlow's vectorized code differs from the C library.</summary>
    protected virtual float ApplyPacket(float x) => Apply(x);

    /// <summary>The function for whole packets, denormals as zero before and after it; the same bits as <see cref="ApplyPacket"/> gives.</summary>
    protected virtual void ApplyPackets(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = Denormals.Flush(ApplyPacket(Denormals.Flush(x[i])));
    }

    private Tensor Floats(Tensor x)
    {
        Tensor result = Tensor.Allocate<float>(x.Type, x.Shape, out var y);
        Apply(x.AsSpan<float>(), y);
        return result;
    }
}

/// <summary>Element by element over whole tensors.</summary>
internal static class Elements
{
    /// <summary>A tensor of the same shape with f of every element.</summary>
    public static Tensor Map<TIn, TOut>(Tensor x, DataType type, Func<TIn, TOut> function)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        Tensor result = Tensor.Allocate<TOut>(type, x.Shape, out var y);
        ReadOnlySpan<TIn> elements = x.AsSpan<TIn>();
        for (int i = 0; i < y.Length; i++)
            y[i] = function(elements[i]);
        return result;
    }
}
