using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Numbers at equal distances from start to stop.</summary>
[Kernel("LinSpace")]
internal sealed class LinSpace : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [TensorShape.Of(node.Constants[2] is { } count ? Integers.Scalar(count, "num") : -1)];

    public Tensor[] Compute(KernelCall call)
    {
        foreach (Tensor input in call.Inputs)
        {
            if (input.Shape.Rank != 0)
                throw Refuse.Invalid($"start, stop and num must be scalars, not shape {input.Shape}");
        }
        long count = Integers.Scalar(call.Inputs[2], "num");
        if (count <= 0)
            throw Refuse.Invalid($"Requires num > 0: {count}");
        return [call.Inputs[0].Type switch
        {
            DataType.Float => Steps<float>(call, count),
            DataType.Double => Steps<double>(call, count),
            _ => throw Refuse.Type(call.Inputs[0].Type, "float and double"),
        }];
    }

    private static Tensor Steps<T>(KernelCall call, long count)
        where T : unmanaged, IFloatingPoint<T>
    {
        T start = call.Inputs[0].AsSpan<T>()[0];
        T stop = call.Inputs[1].AsSpan<T>()[0];
        Tensor result = Tensor.Allocate<T>(call.Inputs[0].Type, TensorShape.Of(count), out var elements);
        T step = count == 1 ? T.Zero : (stop - start) / T.CreateChecked(count - 1);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = start + (step * T.CreateChecked(i));
        return result;
    }
}
