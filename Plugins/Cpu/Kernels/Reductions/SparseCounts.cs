using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Reductions;

/// <summary>How often, or with which sum of weights, each integer occurs in all or in each row of dense, sparse or ragged values: only those that occur, as a sparse tensor.</summary>
[Kernel("DenseCountSparseOutput", "SparseCountSparseOutput", "RaggedCountSparseOutput")]
internal sealed class SparseCounts : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1, -1), TensorShape.Of(-1), TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call) => call.Inputs[call.Inputs.Count - 1].Type switch
    {
        DataType.Int32 => Count<int>(call),
        DataType.Int64 => Count<long>(call),
        DataType.Float => Count<float>(call),
        DataType.Double => Count<double>(call),
        var type => throw Refuse.Type(type, "int32, int64, float and double"),
    };

    private static Tensor[] Count<T>(KernelCall call)
        where T : unmanaged, INumber<T>
    {
        var values = RowValues.Of(call);
        long longest = call.Node.Long("maxlength");
        bool isBinary = call.Node.Bool("binary_output");
        Tensor weighting = call.Inputs[call.Inputs.Count - 1];
        ReadOnlySpan<T> weights = values.Weights<T>(weighting);
        var rows = new SortedDictionary<long, T>[values.Rows];
        long greatest = -1;
        for (int i = 0; i < values.Values.Length; i++)
        {
            long value = values.Values[i];
            if (value < 0)
                throw Refuse.Invalid("Input values must all be non-negative");
            if (longest >= 0 && value >= longest)
                continue;
            greatest = Math.Max(greatest, value);
            SortedDictionary<long, T> row = rows[values.RowOf[i]] ??= [];
            row[value] = isBinary ? T.One : row.GetValueOrDefault(value) + (weights.IsEmpty ? T.One : weights[i]);
        }
        long width = longest >= 0 ? longest : Math.Max(greatest + 1, call.Node.Long("minlength"));
        var indices = new List<long>();
        var counts = new List<T>();
        for (int row = 0; row < rows.Length; row++)
        {
            foreach (var (value, count) in rows[row] ?? [])
            {
                indices.AddRange(values.IsMatrix ? [row, value] : [value]);
                counts.Add(count);
            }
        }
        long[] shape = values.IsMatrix ? [values.Rows, width] : [width];
        return
        [
            Integers.Write(DataType.Int64, TensorShape.Of(counts.Count, shape.Length), [.. indices]),
            Tensor.Create<T>(weighting.Type, TensorShape.Of(counts.Count), [.. counts]),
            Integers.Write(DataType.Int64, TensorShape.Of(shape.Length), shape),
        ];
    }
}

/// <summary>The same counts as a dense vector or matrix of a given width; larger integers are left out.</summary>
[Kernel("SparseBincount", "RaggedBincount")]
internal sealed class SparseBincount : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call) => [call.Inputs[call.Inputs.Count - 1].Type switch
    {
        DataType.Int32 => Count<int>(call),
        DataType.Int64 => Count<long>(call),
        DataType.Float => Count<float>(call),
        DataType.Double => Count<double>(call),
        var type => throw Refuse.Type(type, "int32, int64, float and double"),
    }];

    private static Tensor Count<T>(KernelCall call)
        where T : unmanaged, INumber<T>
    {
        var values = RowValues.Of(call);
        long size = Integers.Scalar(call.Inputs[call.Inputs.Count - 2], "size");
        if (size < 0)
            throw Refuse.Invalid($"size ({size}) must be non-negative");
        Tensor weighting = call.Inputs[call.Inputs.Count - 1];
        ReadOnlySpan<T> weights = values.Weights<T>(weighting);
        Tensor result = Tensor.Allocate<T>(weighting.Type, values.IsMatrix ? TensorShape.Of(values.Rows, size) : TensorShape.Of(size), out var bins);
        for (int i = 0; i < values.Values.Length; i++)
        {
            if (values.Values[i] < 0)
                throw Refuse.Invalid("Input must be non-negative");
            if (values.Values[i] >= size)
                continue;
            ref T bin = ref bins[(int)((values.RowOf[i] * size) + values.Values[i])];
            bin = call.Node.Bool("binary_output") ? T.One : bin + (weights.IsEmpty ? T.One : weights[i]);
        }
        return result;
    }
}

/// <summary>Integers with the row that each is in.</summary>
/// <param name="Values">The integers.</param>
/// <param name="RowOf">The row of each.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="IsMatrix">False for a vector, all of which is one row.</param>
internal sealed record RowValues(long[] Values, int[] RowOf, int Rows, bool IsMatrix)
{
    /// <summary>The dense, sparse or ragged values of a counting op.</summary>
    public static RowValues Of(KernelCall call)
    {
        if (call.Node.Op.StartsWith("Dense", StringComparison.Ordinal))
            return Dense(call.Inputs[0]);
        return call.Node.Op.StartsWith("Sparse", StringComparison.Ordinal) ? Sparse(call.Inputs[0], call.Inputs[1], call.Inputs[2]) : Ragged(call.Inputs[0], call.Inputs[1]);
    }

    /// <summary>One weight for each value, or none for weights of 1.</summary>
    public ReadOnlySpan<T> Weights<T>(Tensor weights)
        where T : unmanaged =>
        weights.ElementCount == 0 || weights.ElementCount == Values.Length ? weights.AsSpan<T>() : throw Refuse.Invalid($"Weights and values must have the same shape. Weight shape: {weights.Shape}; values: {Values.Length}");

    private static RowValues Dense(Tensor values)
    {
        if (values.Shape.Rank is not (1 or 2))
            throw Refuse.Invalid($"Input must be a 1 or 2-dimensional tensor. Got: {values.Shape}");
        bool isMatrix = values.Shape.Rank == 2;
        long[] read = Integers.Read(values);
        int width = isMatrix ? (int)values.Shape[1] : Math.Max(1, read.Length);
        int[] rows = new int[read.Length];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = i / width;
        return new(read, rows, isMatrix ? (int)values.Shape[0] : 1, isMatrix);
    }

    private static RowValues Sparse(Tensor indices, Tensor values, Tensor shape)
    {
        long[] size = Integers.Read(shape);
        long[] vectors = Integers.Read(indices);
        long[] read = Integers.Read(values);
        bool fits = size.Length is 1 or 2 && size[0] is >= 0 and <= int.MaxValue && indices.Shape.Rank == 2 && indices.Shape[1] == size.Length && indices.Shape[0] == read.Length;
        if (!fits)
            throw Refuse.Invalid($"indices {indices.Shape}, values {values.Shape} and shape {shape.Shape} do not make a sparse vector or matrix");
        int[] rows = new int[read.Length];
        for (int i = 0; size.Length == 2 && i < rows.Length; i++)
            rows[i] = vectors[2 * i] >= 0 && vectors[2 * i] < size[0] ? (int)vectors[2 * i] : throw Refuse.Invalid($"Index value {vectors[2 * i]} is greater than the number of rows, {size[0]}");
        return new(read, rows, size.Length == 2 ? (int)size[0] : 1, size.Length == 2);
    }

    private static RowValues Ragged(Tensor splits, Tensor values)
    {
        long[] ends = Integers.Read(splits);
        long[] read = Integers.Read(values);
        if (ends.Length < 1 || ends[0] != 0 || ends[^1] != read.Length)
            throw Refuse.Invalid($"Splits must start with 0 and end with the number of values, {read.Length}");
        int[] rows = new int[read.Length];
        for (int row = 0; row + 1 < ends.Length; row++)
        {
            if (ends[row + 1] < ends[row] || ends[row + 1] > read.Length)
                throw Refuse.Invalid("Splits must not decrease");
            rows.AsSpan((int)ends[row], (int)(ends[row + 1] - ends[row])).Fill(row);
        }
        return new(read, rows, ends.Length - 1, IsMatrix: true);
    }
}
