using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>x to the power of y; integers by repeated squaring with wrap-around, a negative integer exponent is refused.</summary>
[Kernel("Pow")]
internal sealed class Power : FloatBinaryKernel
{
    public override Tensor[] Compute(KernelCall call) => call.Inputs[0].Type switch
    {
        DataType.Int32 => [Integer<int>(call)],
        DataType.Int64 => [Integer<long>(call)],
        _ => base.Compute(call),
    };

    protected override double Apply(double x, double y) => Math.Pow(x, y);

    private static Tensor Integer<T>(KernelCall call)
        where T : unmanaged, IBinaryInteger<T>
    {
        var broadcast = Broadcast.Of(call.Inputs[0].Shape, call.Inputs[1].Shape);
        ReadOnlySpan<T> bases = call.Inputs[0].AsSpan<T>();
        ReadOnlySpan<T> exponents = call.Inputs[1].AsSpan<T>();
        Tensor result = Tensor.Allocate<T>(call.Inputs[0].Type, broadcast.Shape, out var powers);
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < powers.Length; i++, pair.Next())
            powers[i] = Raise(bases[pair.Left], exponents[pair.Right]);
        return result;
    }

    private static T Raise<T>(T value, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (T.IsNegative(exponent))
            throw Refuse.Invalid("Integers to negative integer powers are not allowed");
        T result = T.One;
        for (T left = exponent; left > T.Zero; left >>= 1)
        {
            if (T.IsOddInteger(left))
                result *= value;
            value *= value;
        }
        return result;
    }
}
