using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>Sorts slices into outputs by number.</summary>
[Kernel("DynamicPartition")]
internal sealed class DynamicPartition : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [.. Enumerable.Repeat(TensorShape.Unknown, node.Node.Int("num_partitions"))];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor data = call.Inputs[0];
        Tensor partitions = call.Inputs[1];
        int count = call.Node.Int("num_partitions");
        int depth = partitions.Shape.Rank;
        if (!Prefixes.StartsWith(data.Shape, partitions.Shape))
            throw Refuse.Invalid($"data.shape must start with partitions.shape, got data.shape = {data.Shape}, partitions.shape = {partitions.Shape}");
        var slices = data.Shape.Dimensions.AsSpan()[depth..];
        int run = (int)Tensors.Product(slices);
        long[] numbers = Integers.Read(partitions);
        long[] sizes = new long[count];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (numbers[i] < 0 || numbers[i] >= count)
                throw Refuse.Invalid($"partitions[{i}] = {numbers[i]} is not in [0, {count})");
            sizes[numbers[i]]++;
        }
        var results = new TensorBuilder[count];
        for (int i = 0; i < count; i++)
            results[i] = TensorBuilder.Of(data.Type, TensorShape.Of((long[])[sizes[i], .. slices]));
        int[] filled = new int[count];
        for (int i = 0; i < numbers.Length && run > 0; i++)
            results[numbers[i]].Copy(data, i * run, filled[numbers[i]]++ * run, run);
        return [.. results.Select(result => result.Build())];
    }
}

/// <summary>Puts slices of several tensors at the places that indices say; of several for one place the last stays.</summary>
[Kernel("DynamicStitch", "ParallelDynamicStitch")]
internal sealed class DynamicStitch : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        int count = call.Inputs.Count / 2;
        long[][] indices = [.. call.Inputs.Take(count).Select(Integers.Read)];
        Tensor[] data = [.. call.Inputs.Skip(count)];
        TensorShape slice = SliceShape(data[0], call.Inputs[0]);
        long rows = 0;
        for (int i = 0; i < count; i++)
        {
            if (!SliceShape(data[i], call.Inputs[i]).Equals(slice))
                throw Refuse.Invalid($"Need data[0].shape[{call.Inputs[0].Shape.Rank}:] = data[{i}].shape[{call.Inputs[i].Shape.Rank}:], got data[0].shape = {data[0].Shape}, data[{i}].shape = {data[i].Shape}");
            rows = indices[i].Aggregate(rows, (most, index) => Math.Max(most, index + 1));
        }
        TensorBuilder result = TensorBuilder.Of(data[0].Type, TensorShape.Of(slice.Dimensions.Insert(0, rows)));
        int run = (int)slice.ElementCount;
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < indices[i].Length; j++)
            {
                if (indices[i][j] < 0)
                    throw Refuse.Invalid($"indices[{i}] is out of range");
                if (run > 0)
                    result.Copy(data[i], j * run, (int)indices[i][j] * run, run);
            }
        }
        return [result.Build()];
    }

    private static TensorShape SliceShape(Tensor data, Tensor indices) => Prefixes.StartsWith(data.Shape, indices.Shape)
        ? TensorShape.Of(data.Shape.Dimensions.AsSpan()[indices.Shape.Rank..])
        : throw Refuse.Invalid($"data.shape = {data.Shape} does not start with indices.shape = {indices.Shape}");
}

internal static class Prefixes
{
    public static bool StartsWith(TensorShape shape, TensorShape prefix) =>
        shape.Rank >= prefix.Rank && shape.Dimensions.AsSpan()[..prefix.Rank].SequenceEqual(prefix.Dimensions.AsSpan());
}
