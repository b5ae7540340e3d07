using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Where each of the tensors of given shapes begins in their concatenation.</summary>
[Kernel("ConcatOffset")]
internal sealed class ConcatOffset : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [.. node.Shapes.Skip(1)];

    public Tensor[] Compute(KernelCall call)
    {
        long given = Integers.Scalar(call.Inputs[0], "Concat dim tensor");
        long[][] shapes = [.. call.Inputs.Skip(1).Select(Vector)];
        int rank = shapes[0].Length;
        long axis = given < 0 ? given + rank : given;
        if (axis < 0 || axis >= rank)
            throw Refuse.Invalid($"Concat dim is out of range: {given} vs. {rank}");
        var offsets = new Tensor[shapes.Length];
        long offset = 0;
        for (int i = 0; i < shapes.Length; i++)
        {
            if (shapes[i].Length != rank)
                throw Refuse.Invalid($"input {i} should contain {rank} elements, but got {shapes[i].Length}");
            if (shapes[i].Where((dimension, j) => j != axis && dimension != shapes[0][j]).Any())
                throw Refuse.Invalid($"All dimensions except {axis} must match. Input {i} has shape [{string.Join(' ', shapes[i])}] and doesn't match input 0 with shape [{string.Join(' ', shapes[0])}].");
            long[] start = new long[rank];
            start[axis] = offset;
            offset += shapes[i][axis];
            offsets[i] = Integers.Write(call.Inputs[i + 1].Type, TensorShape.Of(rank), start);
        }
        return offsets;
    }

    private static long[] Vector(Tensor shape) =>
        shape.Shape.Rank == 1 ? Integers.Read(shape) : throw Refuse.Invalid($"input should be a vector, but got shape {shape.Shape}");
}

/// <summary>Joins tensors of one row each along the first dimension.</summary>
[Kernel("ParallelConcat")]
internal sealed class ParallelConcat : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Node.Shape("shape")];

    public Tensor[] Compute(KernelCall call)
    {
        TensorShape shape = call.Node.Shape("shape");
        TensorShape first = call.Inputs[0].Shape;
        foreach (Tensor input in call.Inputs)
        {
            if (input.Shape.Rank != first.Rank || !input.Shape.Dimensions.Skip(1).SequenceEqual(first.Dimensions.Skip(1)))
                throw Refuse.Invalid($"Inputs must agree in all dimensions but the first, but have shapes {first} and {input.Shape}");
        }
        long rows = call.Inputs.Sum(input => input.Shape.Rank > 0 ? input.Shape[0] : throw Refuse.Invalid("Rank of input must be at least 1"));
        TensorShape joined = TensorShape.Of(first.Dimensions.SetItem(0, rows));
        return joined.Equals(shape) || !shape.IsFullyKnown
            ? [Concat.Join(call.Inputs, joined, 0)]
            : throw Refuse.Invalid($"the inputs make shape {joined}, the attribute says {shape}");
    }
}

/// <summary>y[x[i]] = i.</summary>
[Kernel("InvertPermutation")]
internal sealed class InvertPermutation : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        if (input.Shape.Rank != 1)
            throw Refuse.Invalid("invert_permutation expects a 1D vector.");
        long[] order = Integers.Read(input);
        long[] inverse = new long[order.Length];
        Array.Fill(inverse, -1);
        for (int i = 0; i < order.Length; i++)
        {
            if (order[i] < 0 || order[i] >= order.Length)
                throw Refuse.Invalid($"{order[i]} is not between 0 and {order.Length}");
            if (inverse[order[i]] >= 0)
                throw Refuse.Invalid($"{order[i]} is duplicated in the input.");
            inverse[order[i]] = i;
        }
        return [Integers.Write(input.Type, input.Shape, inverse)];
    }
}
