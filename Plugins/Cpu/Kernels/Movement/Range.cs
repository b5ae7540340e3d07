using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>start, start + delta, … up to before limit; floats are summed up step by step, as the real kernel does.</summary>
[Kernel("Range")]
internal sealed class Range : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        node.Constants.All(constant => constant is not null) ? [Evaluate(node.Constants[0]!, node.Constants[1]!, node.Constants[2]!).Shape] : [TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call) => [Evaluate(call.Inputs[0], call.Inputs[1], call.Inputs[2])];

    private static Tensor Evaluate(Tensor start, Tensor limit, Tensor delta) => start.Type switch
    {
        DataType.Int32 => Steps<int>(start, limit, delta),
        DataType.Int64 => Steps<long>(start, limit, delta),
        DataType.Float => Steps<float>(start, limit, delta),
        DataType.Double => Steps<double>(start, limit, delta),
        _ => throw Refuse.Type(start.Type, "int32, int64, float and double"),
    };

    private static Tensor Steps<T>(Tensor startInput, Tensor limitInput, Tensor deltaInput)
        where T : unmanaged, INumber<T>
    {
        T start = Scalar<T>(startInput, "start");
        T limit = Scalar<T>(limitInput, "limit");
        T delta = Scalar<T>(deltaInput, "delta");
        if (delta == T.Zero)
            throw Refuse.Invalid($"Requires delta != 0: {delta}");
        if (delta > T.Zero && start > limit)
            throw Refuse.Invalid($"Requires start <= limit when delta > 0: {start}/{limit}");
        if (delta < T.Zero && start < limit)
            throw Refuse.Invalid($"Requires start >= limit when delta < 0: {start}/{limit}");
        Tensor result = Tensor.Allocate<T>(startInput.Type, TensorShape.Of(Count(start, limit, delta)), out var elements);
        T value = start;
        for (int i = 0; i < elements.Length; i++, value += delta)
            elements[i] = value;
        return result;
    }

    private static long Count<T>(T start, T limit, T delta)
        where T : unmanaged, INumber<T>
    {
        if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
            return checked((long)Math.Ceiling(double.CreateChecked(T.Abs((limit - start) / delta))));
        Int128 distance = Int128.Abs(Int128.CreateChecked(limit) - Int128.CreateChecked(start));
        Int128 step = Int128.Abs(Int128.CreateChecked(delta));
        return (long)((distance + step - 1) / step);
    }

    private static T Scalar<T>(Tensor tensor, string what)
        where T : unmanaged =>
        tensor.ElementCount == 1 && tensor.Shape.Rank <= 1 ? tensor.AsSpan<T>()[0] : throw Refuse.Invalid($"{what} must be a scalar, not shape {tensor.Shape}");
}
