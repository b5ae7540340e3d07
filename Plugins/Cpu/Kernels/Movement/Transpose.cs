using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Dimension i of the result is dimension perm[i] of the input.</summary>
[Kernel("Transpose", "ConjugateTranspose")]
internal sealed class Transpose : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        if (node.Shapes[0].IsUnknownRank || node.Constants[1] is not { } order)
            return [TensorShape.Unknown];
        int[] permutation = Permutation(order, node.Shapes[0].Rank);
        return [Permute(node.Shapes[0], permutation)];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        int[] permutation = Permutation(call.Inputs[1], input.Shape.Rank);
        TensorShape shape = Permute(input.Shape, permutation);
        int[] strides = Strided.RowMajor(input.Shape.Dimensions.AsSpan());
        Tensor result = IsIdentity(permutation)
            ? input
            : Tensors.Take(input, new(0, [.. permutation.Select(axis => strides[axis])]), shape.Dimensions.AsSpan(), shape);
        return [call.Node.Op == "ConjugateTranspose" ? Conjugate(result) : result];
    }

    private static TensorShape Permute(TensorShape shape, int[] permutation) => TensorShape.Of(permutation.Select(axis => shape[axis]).ToArray());

    private static bool IsIdentity(int[] permutation) => !permutation.Where((axis, i) => axis != i).Any();

    private static int[] Permutation(Tensor order, int rank)
    {
        if (order.Shape.Rank != 1)
            throw Refuse.Invalid($"perm must be a vector, not {order.Shape}");
        long[] axes = Integers.Read(order);
        if (axes.Length != rank)
            throw Refuse.Invalid($"transpose expects a vector of size {rank}. But input(1) is a vector of size {axes.Length}");
        bool[] seen = new bool[rank];
        foreach (long axis in axes)
        {
            if (axis < 0 || axis >= rank)
                throw Refuse.Invalid($"{axis} is out of range [0 .. {rank})");
            seen[axis] = true;
        }
        int missing = Array.IndexOf(seen, value: false);
        if (missing >= 0)
            throw Refuse.Invalid($"{missing} is missing from {{{string.Join(',', axes)}}}.");
        return [.. axes.Select(axis => (int)axis)];
    }

    private static Tensor Conjugate(Tensor tensor)
    {
        if (tensor.Type == DataType.Complex64)
        {
            Tensor result = Tensor.Allocate<(float Real, float Imaginary)>(tensor.Type, tensor.Shape, out var values);
            tensor.AsSpan<(float Real, float Imaginary)>().CopyTo(values);
            foreach (ref var value in values)
                value.Imaginary = -value.Imaginary;
            return result;
        }
        if (tensor.Type == DataType.Complex128)
        {
            Tensor result = Tensor.Allocate<(double Real, double Imaginary)>(tensor.Type, tensor.Shape, out var values);
            tensor.AsSpan<(double Real, double Imaginary)>().CopyTo(values);
            foreach (ref var value in values)
                value.Imaginary = -value.Imaginary;
            return result;
        }
        return tensor;
    }
}
