using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Cpu.Kernels.Resources;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>Slices of params picked by index vectors along its first dimensions.</summary>
[Kernel("GatherNd")]
internal sealed class GatherNd : IKernel
{
    private const int DeepestIndex = 7;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => Tensors.Infer(node, () => Target(node.Shapes[0], node.Shapes[1]));

    public Tensor[] Compute(KernelCall call)
    {
        Tensor parameters = call.Inputs[0];
        Tensor indices = call.Inputs[1];
        TensorShape shape = Target(parameters.Shape, indices.Shape);
        int depth = (int)indices.Shape[indices.Shape.Rank - 1];
        long[] picks = Integers.Read(indices);
        int rows = (int)Tensors.Product(indices.Shape.Dimensions.AsSpan()[..^1]);
        int run = (int)Tensors.Product(parameters.Shape.Dimensions.AsSpan()[depth..]);
        if (rows > 0 && parameters.ElementCount == 0 && shape.ElementCount > 0)
            throw Refuse.Invalid("Requested more than 0 entries, but params is empty.");
        TensorBuilder result = TensorBuilder.Of(parameters.Type, shape);
        for (int i = 0; i < rows; i++)
        {
            int place = IndexVectors.Place(picks.AsSpan(i * depth, depth), parameters.Shape);
            if (place < 0)
                throw Refuse.Invalid($"indices[{i}] = [{string.Join(", ", picks.Skip(i * depth).Take(depth))}] does not index into param shape {parameters.Shape}");
            if (run > 0)
                result.Copy(parameters, place * run, i * run, run);
        }
        return [result.Build()];
    }

    private static TensorShape Target(TensorShape parameters, TensorShape indices)
    {
        if (parameters.Rank < 1)
            throw Refuse.Invalid("params must be at least a vector");
        if (indices.Rank < 1)
            throw Refuse.Invalid("indices must be at least a vector");
        int depth = (int)indices[indices.Rank - 1];
        if (depth > parameters.Rank)
            throw Refuse.Invalid($"index innermost dimension length must be <= params rank; saw: {depth} vs. {parameters.Rank}");
        if (depth > DeepestIndex)
            throw Refuse.Unimplemented($"Only indices.shape[-1] values between 1 and 7 are currently supported.  Requested rank: {depth}");
        return TensorShape.Of((long[])[.. indices.Dimensions.AsSpan()[..^1], .. parameters.Dimensions.AsSpan()[depth..]]);
    }
}

/// <summary>Slices of a variable's value picked by index vectors.</summary>
[Kernel("ResourceGatherNd")]
internal sealed class ResourceGatherNd : IKernel
{
    private readonly GatherNd gather = new();

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call) => gather.Compute(call with { Inputs = [Variable.Read(call, 0), call.Inputs[1]] });
}

/// <summary>Vectors that index the first dimensions of a tensor.</summary>
internal static class IndexVectors
{
    /// <summary>The row-major number of the slice that a vector points to, or -1 when it points outside.</summary>
    public static int Place(ReadOnlySpan<long> vector, TensorShape shape)
    {
        long place = 0;
        for (int i = 0; i < vector.Length; i++)
        {
            if (vector[i] < 0 || vector[i] >= shape[i])
                return -1;
            place = (place * shape[i]) + vector[i];
        }
        return (int)place;
    }
}
