using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Cpu.Kernels.Resources;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>Slices added up at index vectors of a tensor of zeros.</summary>
[Kernel("ScatterNd")]
internal sealed class ScatterNd : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [node.Constants[2] is { } shape ? Tensors.ShapeOf(Integers.Read(shape)) : TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        if (call.Inputs[2].Shape.Rank != 1)
            throw Refuse.Invalid($"Shape must be a vector, not {call.Inputs[2].Shape}");
        TensorShape shape = Tensors.ShapeOf(Integers.Read(call.Inputs[2]));
        Tensor zeros = TensorBuilder.Of(call.Inputs[1].Type, shape).Build();
        return [Write(zeros, call.Inputs[0], call.Inputs[1], ScatterFunction.Add)];
    }

    /// <summary>Checks indices and updates against the tensor and writes.</summary>
    public static Tensor Write(Tensor target, Tensor indices, Tensor updates, ScatterFunction function)
    {
        TensorShape shape = target.Shape;
        if (indices.Shape.Rank < 1)
            throw Refuse.Invalid("Indices shape must have rank at least one. Found:" + indices.Shape);
        int depth = (int)indices.Shape[indices.Shape.Rank - 1];
        if (depth > shape.Rank)
            throw Refuse.Invalid($"index innermost dimension length must be <= params rank; saw: {depth} vs. {shape.Rank}");
        var rows = indices.Shape.Dimensions.AsSpan()[..^1];
        var slice = shape.Dimensions.AsSpan()[depth..];
        long[] expected = [.. rows, .. slice];
        if (!updates.Shape.Dimensions.AsSpan().SequenceEqual(expected))
            throw Refuse.Invalid($"Must have updates.shape = indices.shape[:batch_dim] + params_shape[slice_dim:], got updates.shape: {updates.Shape}, indices.shape: {indices.Shape}, params_shape: {shape}");
        long[] vectors = Integers.Read(indices);
        int[] places = new int[Tensors.Product(rows)];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = IndexVectors.Place(vectors.AsSpan(i * depth, depth), shape);
            if (places[i] < 0)
                throw Refuse.Invalid($"indices[{i}] = [{string.Join(", ", vectors.Skip(i * depth).Take(depth))}] does not index into shape {shape}");
        }
        return Scatter.Into(target, places, (int)Tensors.Product(slice), updates, function);
    }
}

/// <summary>A copy of a tensor with slices at index vectors replaced or joined with others.</summary>
[Kernel("TensorScatterUpdate", "TensorScatterAdd", "TensorScatterSub", "TensorScatterMax", "TensorScatterMin", "ScatterNdNonAliasingAdd")]
internal sealed class TensorScatter : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        ScatterFunction function = Enum.Parse<ScatterFunction>(call.Node.Op.EndsWith("Update", StringComparison.Ordinal) ? "Update" : call.Node.Op[^3..]);
        return [ScatterNd.Write(call.Inputs[0], call.Inputs[1], call.Inputs[2], function)];
    }
}

/// <summary>The same in place of a variable's value.</summary>
[Kernel("ScatterNdUpdate", "ScatterNdAdd", "ScatterNdSub", "ResourceScatterNdUpdate", "ResourceScatterNdAdd", "ResourceScatterNdSub")]
internal sealed class VariableScatterNd : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        ScatterFunction function = Enum.Parse<ScatterFunction>(call.Node.Op[(call.Node.Op.IndexOf("Nd", StringComparison.Ordinal) + 2)..]);
        return Variable.Change(call, value => ScatterNd.Write(value, call.Inputs[1], call.Inputs[2], function));
    }
}

/// <summary>Slices along the first dimension of a variable's value, one for each index.</summary>
[Kernel(
    "ScatterUpdate", "ScatterAdd", "ScatterSub", "ScatterMul", "ScatterDiv", "ScatterMin", "ScatterMax",
    "ResourceScatterUpdate", "ResourceScatterAdd", "ResourceScatterSub", "ResourceScatterMul", "ResourceScatterDiv", "ResourceScatterMin", "ResourceScatterMax")]
internal sealed class VariableScatter : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        ScatterFunction function = Enum.Parse<ScatterFunction>(call.Node.Op[(call.Node.Op.IndexOf("Scatter", StringComparison.Ordinal) + "Scatter".Length)..]);
        return Variable.Change(call, value => Write(value, call.Inputs[1], call.Inputs[2], function));
    }

    private static Tensor Write(Tensor value, Tensor indices, Tensor updates, ScatterFunction function)
    {
        if (value.Shape.Rank < 1)
            throw Refuse.Invalid($"params must be at least 1-D, got shape {value.Shape}");
        var slice = value.Shape.Dimensions.AsSpan()[1..];
        long[] expected = [.. indices.Shape.Dimensions, .. slice];
        if (updates.Shape.Rank != 0 && !updates.Shape.Dimensions.AsSpan().SequenceEqual(expected))
            throw Refuse.Invalid($"Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape {updates.Shape}, indices.shape {indices.Shape}, params.shape {value.Shape}");
        long[] places = Integers.Read(indices);
        for (int i = 0; i < places.Length; i++)
        {
            if (places[i] < 0 || places[i] >= value.Shape[0])
                throw Refuse.Invalid($"indices[{i}] = {places[i]} is not in [0, {value.Shape[0]})");
        }
        return Scatter.Into(value, [.. places.Select(place => (int)place)], (int)Tensors.Product(slice), updates, function);
    }
}
