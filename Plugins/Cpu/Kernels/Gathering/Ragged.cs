using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>Rows of a ragged tensor picked by indices of any shape: row splits, outermost first, and flat values.</summary>
[Kernel("RaggedGather")]
internal sealed class RaggedGather : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public Tensor[] Compute(KernelCall call)
    {
        int depth = call.Inputs.Count - 2;
        Tensor values = call.Inputs[depth];
        Tensor indices = call.Inputs[depth + 1];
        if (values.Shape.Rank < 1)
            throw Refuse.Invalid("params.rank must be nonzero");
        long[][] splits = [.. call.Inputs.Take(depth).Select(Integers.Read)];
        RaggedRows.Check(splits, values.Shape[0]);
        long rows = splits[0].Length - 1;
        var starts = new List<long>();
        var ends = new List<long>();
        foreach (long index in Integers.Read(indices))
        {
            if (index < 0 || index >= rows)
                throw Refuse.Invalid($"indices = {index} is not in [0, {rows})");
            starts.Add(index);
            ends.Add(index + 1);
        }
        var results = new List<Tensor>();
        long before = starts.Count;
        for (int d = indices.Shape.Rank - 1; d >= 1; d--)
        {
            long inner = indices.Shape[d];
            long count = inner == 0 ? 0 : before / inner;
            results.Insert(0, Splits(call, [.. Enumerable.Range(0, (int)count + 1).Select(i => i * inner)]));
            before = count;
        }
        foreach (long[] level in splits)
        {
            var lengths = new List<long> { 0 };
            for (int i = 0; i < starts.Count; i++)
            {
                for (long row = starts[i]; row < ends[i]; row++)
                    lengths.Add(lengths[^1] + level[row + 1] - level[row]);
                (starts[i], ends[i]) = (level[starts[i]], level[ends[i]]);
            }
            results.Add(Splits(call, lengths));
        }
        long total = 0;
        for (int i = 0; i < starts.Count; i++)
            total += ends[i] - starts[i];
        int run = (int)Tensors.Product(values.Shape.Dimensions.AsSpan()[1..]);
        TensorBuilder picked = TensorBuilder.Of(values.Type, TensorShape.Of([total, .. values.Shape.Dimensions.AsSpan()[1..]]));
        int to = 0;
        for (int i = 0; i < starts.Count; i++)
        {
            int count = (int)(ends[i] - starts[i]) * run;
            if (count > 0)
                picked.Copy(values, (int)starts[i] * run, to, count);
            to += count;
        }
        return [.. results, picked.Build()];
    }

    private static Tensor Splits(KernelCall call, List<long> splits) => Integers.Write(call.Inputs[0].Type, TensorShape.Of(splits.Count), [.. splits]);
}

/// <summary>A ragged tensor as a sparse one.</summary>
[Kernel("RaggedTensorToSparse")]
internal sealed class RaggedTensorToSparse : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1, -1), TensorShape.Of(-1), TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        int depth = call.Inputs.Count - 1;
        Tensor values = call.Inputs[depth];
        if (values.Shape.Rank < 1)
            throw Refuse.Invalid("rt_dense_values must have a dimension");
        long[][] splits = [.. call.Inputs.Take(depth).Select(Integers.Read)];
        RaggedRows.Check(splits, values.Shape[0]);
        long[] shape = [splits[0].Length - 1, .. splits.Select(level => Enumerable.Range(0, level.Length - 1).Select(i => level[i + 1] - level[i]).DefaultIfEmpty(0).Max()), .. values.Shape.Dimensions.AsSpan()[1..]];
        int run = (int)Tensors.Product(values.Shape.Dimensions.AsSpan()[1..]);
        var vectors = new List<long>();
        int[] rows = new int[depth];
        long[] inner = new long[values.Shape.Rank - 1];
        for (long i = 0; i < values.Shape[0]; i++)
        {
            // The row of each level that a value is in.
            long at = i;
            var prefix = new long[depth + 1];
            for (int level = depth - 1; level >= 0; level--)
            {
                while (splits[level][rows[level] + 1] <= at)
                    rows[level]++;
                prefix[level + 1] = at - splits[level][rows[level]];
                at = rows[level];
            }
            prefix[0] = at;
            for (int e = 0; e < run; e++)
            {
                vectors.AddRange(prefix);
                int rest = e;
                for (int d = inner.Length - 1; d >= 0; d--)
                {
                    inner[d] = rest % values.Shape[d + 1];
                    rest /= (int)values.Shape[d + 1];
                }
                vectors.AddRange(inner);
            }
        }
        return
        [
            Integers.Write(DataType.Int64, TensorShape.Of(values.ElementCount, shape.Length), [.. vectors]), Tensors.Reshape(values, TensorShape.Of(values.ElementCount)), Integers.Write(DataType.Int64, TensorShape.Of(shape.Length), shape),
        ];
    }
}

/// <summary>Row splits of ragged tensors.</summary>
internal static class RaggedRows
{
    /// <summary>Refuses splits that do not start with 0, decrease, or do not end with the number of rows of the next level.</summary>
    public static void Check(long[][] splits, long values)
    {
        for (int level = 0; level < splits.Length; level++)
        {
            long rows = level + 1 < splits.Length ? splits[level + 1].Length - 1 : values;
            long[] split = splits[level];
            bool fits = split.Length > 0 && split[0] == 0 && split[^1] == rows;
            for (int i = 1; fits && i < split.Length; i++)
                fits = split[i] >= split[i - 1];
            if (!fits)
                throw Refuse.Invalid($"Ragged splits of level {level} must start with 0, not decrease, and end with {rows}");
        }
    }
}
