using TransformFramework.Cpu.Kernels.Gathering;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Sparse;

/// <summary>A tensor of a default value with given values at index vectors.</summary>
[Kernel("SparseToDense")]
internal sealed class SparseToDense : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [node.Constants[1] is { } shape ? Tensors.ShapeOf(Integers.Read(shape)) : TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor indices = call.Inputs[0];
        Tensor values = call.Inputs[2];
        if (indices.Shape.Rank > 2)
            throw Refuse.Invalid($"sparse_indices should be a scalar, vector, or matrix, got shape {indices.Shape}");
        int count = indices.Shape.Rank > 0 ? (int)indices.Shape[0] : 1;
        int depth = indices.Shape.Rank > 1 ? (int)indices.Shape[1] : 1;
        if (call.Inputs[1].Shape.Rank != 1 || call.Inputs[1].ElementCount != depth)
            throw Refuse.Invalid($"output_shape has incorrect number of elements: {call.Inputs[1].ElementCount} should be: {depth}");
        if (values.Shape.Rank != 0 && (values.Shape.Rank != 1 || values.ElementCount != count))
            throw Refuse.Invalid($"sparse_values has incorrect shape {values.Shape}, should be [] or [{count}]");
        if (call.Inputs[3].Shape.Rank != 0)
            throw Refuse.Invalid("default_value should be a scalar.");
        TensorShape shape = Tensors.ShapeOf(Integers.Read(call.Inputs[1]));
        long[] vectors = Integers.Read(indices);
        int[] places = SparseIndices.Places(vectors, count, depth, shape);
        if (call.Node.Bool("validate_indices"))
            SparseIndices.CheckOrder(vectors, places, depth);
        TensorBuilder result = TensorBuilder.Of(values.Type, shape);
        result.Fill(call.Inputs[3]);
        for (int i = 0; i < count; i++)
            result.Copy(values, values.Shape.Rank == 0 ? 0 : i, places[i], 1);
        return [result.Build()];
    }
}

/// <summary>Index vectors of sparse tensors.</summary>
internal static class SparseIndices
{
    /// <summary>Row-major places of the vectors.</summary>
    public static int[] Places(long[] vectors, int count, int depth, TensorShape shape)
    {
        int[] places = new int[count];
        for (int i = 0; i < count; i++)
        {
            places[i] = IndexVectors.Place(vectors.AsSpan(i * depth, depth), shape);
            if (places[i] < 0)
                throw Refuse.Invalid($"{Name(vectors, i, depth)} is out of bounds: need 0 <= index < {shape}");
        }
        return places;
    }

    public static void CheckOrder(long[] vectors, int[] places, int depth)
    {
        for (int i = 1; i < places.Length; i++)
        {
            if (places[i] == places[i - 1])
                throw Refuse.Invalid($"{Name(vectors, i, depth)} is repeated");
            if (places[i] < places[i - 1])
                throw Refuse.Invalid($"{Name(vectors, i, depth)} is out of order. Many sparse ops require sorted indices.");
        }
    }

    private static string Name(long[] vectors, int i, int depth) => $"indices[{i}] = [{string.Join(',', vectors.Skip(i * depth).Take(depth))}]";
}
