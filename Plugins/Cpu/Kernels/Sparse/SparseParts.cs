using TransformFramework.Cpu.Kernels.Gathering;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Sparse;

/// <summary>Sparse tensors joined along a dimension, their entries in row-major order.</summary>
[Kernel("SparseConcat")]
internal sealed class SparseConcat : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1, -1), TensorShape.Of(-1), TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        int count = call.Inputs.Count / 3;
        SparseTensor[] parts = [.. Enumerable.Range(0, count).Select(i => SparseTensor.Of(call.Inputs[i], call.Inputs[count + i], call.Inputs[(2 * count) + i]))];
        int axis = Integers.Axis(call.Node.Long("concat_dim"), parts[0].Rank);
        long[] shape = [.. parts[0].Shape.Dimensions];
        shape[axis] = 0;
        var entries = new List<(long[] Vector, SparseTensor From, int Entry)>();
        foreach (SparseTensor part in parts)
        {
            if (part.Rank != shape.Length || Enumerable.Range(0, shape.Length).Any(d => d != axis && part.Shape[d] != shape[d]))
                throw Refuse.Invalid($"Concat dimensions must match: {parts[0].Shape} vs. {part.Shape}");
            for (int i = 0; i < part.Count; i++)
            {
                long[] vector = part.Vector(i).ToArray();
                vector[axis] += shape[axis];
                entries.Add((vector, part, i));
            }
            shape[axis] = checked(shape[axis] + part.Shape[axis]);
        }
        TensorShape whole = Tensors.ShapeOf(shape);
        var sorted = entries.OrderBy(entry => IndexVectors.Place(entry.Vector, whole)).ToList();
        TensorBuilder values = TensorBuilder.Of(parts[0].Values.Type, TensorShape.Of(sorted.Count));
        for (int i = 0; i < sorted.Count; i++)
            values.Copy(sorted[i].From.Values, sorted[i].Entry, i, 1);
        return SparseTensor.Outputs([.. sorted.SelectMany(entry => entry.Vector)], values.Build(), shape);
    }
}

/// <summary>The entries of a sparse tensor within a block.</summary>
[Kernel("SparseSlice")]
internal sealed class SparseSlice : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1, -1), TensorShape.Of(-1), TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        var input = SparseTensor.Of(call.Inputs[0], call.Inputs[1], call.Inputs[2]);
        long[] start = Integers.Read(call.Inputs[3]);
        long[] size = Integers.Read(call.Inputs[4]);
        if (start.Length != input.Rank || size.Length != input.Rank || start.Any(value => value < 0) || size.Any(value => value < 0))
            throw Refuse.Invalid($"start and size must have {input.Rank} elements that are not negative");
        long[] shape = new long[input.Rank];
        for (int d = 0; d < shape.Length; d++)
            shape[d] = Math.Max(0, Math.Min(size[d], input.Shape[d] - start[d]));
        var vectors = new List<long>();
        var kept = new List<int>();
        for (int i = 0; i < input.Count; i++)
        {
            ReadOnlySpan<long> vector = input.Vector(i);
            bool isInside = true;
            for (int d = 0; d < shape.Length; d++)
                isInside &= vector[d] >= start[d] && vector[d] - start[d] < shape[d];
            if (!isInside)
                continue;
            kept.Add(i);
            for (int d = 0; d < shape.Length; d++)
                vectors.Add(vector[d] - start[d]);
        }
        TensorBuilder values = TensorBuilder.Of(input.Values.Type, TensorShape.Of(kept.Count));
        for (int i = 0; i < kept.Count; i++)
            values.Copy(input.Values, kept[i], i, 1);
        return SparseTensor.Outputs(vectors, values.Build(), shape);
    }
}

/// <summary>The sum of two sparse tensors; entries whose magnitude is below the threshold are left out.</summary>
[Kernel("SparseAdd")]
internal sealed class SparseAdd : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1, -1), TensorShape.Of(-1), TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        var a = SparseTensor.Of(call.Inputs[0], call.Inputs[1], call.Inputs[2]);
        var b = SparseTensor.Of(call.Inputs[3], call.Inputs[4], call.Inputs[5]);
        if (!a.Shape.Equals(b.Shape) || a.Values.Type != b.Values.Type)
            throw Refuse.Invalid($"Operands do not have the same shapes; got {a.Shape} and {b.Shape}");
        double threshold = RealValues.ToDoubles(call.Inputs[6]) is [var least] ? least : throw Refuse.Invalid("thresh must be a scalar");
        var sums = new SortedDictionary<int, (long[] Vector, double Value)>();
        foreach (SparseTensor part in (SparseTensor[])[a, b])
        {
            double[] values = RealValues.ToDoubles(part.Values);
            for (int i = 0; i < part.Count; i++)
            {
                int place = IndexVectors.Place(part.Vector(i), part.Shape);
                sums[place] = (part.Vector(i).ToArray(), (sums.TryGetValue(place, out var known) ? known.Value : 0) + values[i]);
            }
        }
        var kept = sums.Values.Where(entry => threshold <= Math.Abs(entry.Value)).ToList();
        Tensor result = RealValues.FromDoubles(a.Values.Type, TensorShape.Of(kept.Count), [.. kept.Select(entry => entry.Value)]);
        return SparseTensor.Outputs([.. kept.SelectMany(entry => entry.Vector)], result, a.Shape.Dimensions.AsSpan());
    }
}

/// <summary>Softmax of the entries of each row of a sparse tensor; the indices stay.</summary>
[Kernel("SparseSoftmax")]
internal sealed class SparseSoftmax : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[1]];

    public Tensor[] Compute(KernelCall call)
    {
        var input = SparseTensor.Of(call.Inputs[0], call.Inputs[1], call.Inputs[2]);
        if (input.Rank < 2)
            throw Refuse.Invalid($"Input should have rank >= 2, but its shape is {input.Shape}");
        double[] values = Floats.ToDoubles(input.Values);
        var rows = Enumerable.Range(0, input.Count).GroupBy(i => string.Join(',', input.Vector(i)[..^1].ToArray()));
        foreach (var row in rows)
        {
            double greatest = row.Max(i => values[i]);
            double sum = row.Sum(i => Math.Exp(values[i] - greatest));
            foreach (int i in row.ToArray())
                values[i] = Math.Exp(values[i] - greatest) / sum;
        }
        return [Floats.FromDoubles(input.Values.Type, input.Values.Shape, values)];
    }
}

/// <summary>Each entry of a sparse tensor with the element of a dense one at its place: product, quotient or sum. The dense one is broadcast.</summary>
[Kernel("SparseDenseCwiseMul", "SparseDenseCwiseDiv", "SparseDenseCwiseAdd")]
internal sealed class SparseDenseCwise : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[1]];

    public Tensor[] Compute(KernelCall call)
    {
        var sparse = SparseTensor.Of(call.Inputs[0], call.Inputs[1], call.Inputs[2]);
        Tensor dense = call.Inputs[3];
        int first = sparse.Rank - dense.Shape.Rank;
        if (first < 0 || Enumerable.Range(0, dense.Shape.Rank).Any(d => dense.Shape[d] != 1 && dense.Shape[d] != sparse.Shape[first + d]))
            throw Refuse.Invalid($"SparseDenseBinaryOpShared broadcasts dense to sparse only; got incompatible shapes: [{sparse.Shape}] vs. [{dense.Shape}]");
        double[] values = RealValues.ToDoubles(sparse.Values);
        double[] others = RealValues.ToDoubles(dense);
        long[] at = new long[dense.Shape.Rank];
        for (int i = 0; i < values.Length; i++)
        {
            for (int d = 0; d < at.Length; d++)
                at[d] = dense.Shape[d] == 1 ? 0 : sparse.Vector(i)[first + d];
            double other = others[IndexVectors.Place(at, dense.Shape)];
            values[i] = call.Node.Op switch { "SparseDenseCwiseMul" => values[i] * other, "SparseDenseCwiseDiv" => values[i] / other, _ => values[i] + other };
        }
        return [RealValues.FromDoubles(sparse.Values.Type, sparse.Values.Shape, values)];
    }
}

/// <summary>The sum or the largest of the entries of a sparse tensor along some dimensions, as a dense tensor; where there are none, zero.</summary>
[Kernel("SparseReduceSum", "SparseReduceMax")]
internal sealed class SparseReduce : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        var input = SparseTensor.Of(call.Inputs[0], call.Inputs[1], call.Inputs[2]);
        long[] axes = Integers.Read(call.Inputs[3]);
        HashSet<int> reduced = axes.Length == 0 ? [.. Enumerable.Range(0, input.Rank)] : [.. axes.Select(axis => Integers.Axis(axis, input.Rank))];
        bool keeps = call.Node.Bool("keep_dims");
        TensorShape kept = Tensors.Map(input.Shape, (dimension, axis) => reduced.Contains(axis) ? 1 : dimension);
        double[] values = RealValues.ToDoubles(input.Values);
        double[] results = new double[checked((int)kept.ElementCount)];
        bool[] isSet = new bool[results.Length];
        long[] at = new long[input.Rank];
        for (int i = 0; i < values.Length; i++)
        {
            for (int d = 0; d < at.Length; d++)
                at[d] = reduced.Contains(d) ? 0 : input.Vector(i)[d];
            int place = IndexVectors.Place(at, kept);
            results[place] = !isSet[place] ? values[i] : call.Node.Op == "SparseReduceSum" ? results[place] + values[i] : Math.Max(results[place], values[i]);
            isSet[place] = true;
        }
        return [RealValues.FromDoubles(input.Values.Type, keeps ? kept : Tensors.Keep(input.Shape, axis => !reduced.Contains(axis)), results)];
    }
}
