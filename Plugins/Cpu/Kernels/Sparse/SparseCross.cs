using System.Globalization;
using TransformFramework.Cpu.Kernels.Text;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Sparse;

/// <summary>
/// Crosses of features: for each row, every combination of one feature of each column (sparse columns first, then dense ones, the last varying fastest), as a joined string or as a hash.
/// </summary>
[Kernel("SparseCross", "SparseCrossV2", "SparseCrossHashed")]
internal sealed class SparseCross : IKernel
{
    private const string Separator = "_X_";

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1, 2), TensorShape.Of(-1), TensorShape.Of(2)];

    public Tensor[] Compute(KernelCall call)
    {
        int sparse = call.Node.Int("N");
        int parameters = call.Node.Op switch { "SparseCross" => 0, "SparseCrossV2" => 1, _ => 3 };
        int dense = call.Inputs.Count - (3 * sparse) - parameters;
        if (sparse + dense == 0)
            throw Refuse.Invalid("there must be at least one column to cross");
        var columns = new List<Column>();
        for (int i = 0; i < sparse; i++)
            columns.Add(Column.Sparse(call.Inputs[i], call.Inputs[sparse + i], call.Inputs[(2 * sparse) + i]));
        for (int i = 0; i < dense; i++)
            columns.Add(Column.Dense(call.Inputs[(3 * sparse) + i]));
        int rows = columns[0].Rows;
        if (columns.Any(column => column.Rows != rows))
            throw Refuse.Invalid("all columns must have the same number of rows");
        return Cross(call, columns, rows, call.Inputs.Count - parameters);
    }

    private static Tensor[] Cross(KernelCall call, List<Column> columns, int rows, int firstParameter)
    {
        var indices = new List<long>();
        int widest = 0;
        int at;
        Tensor values;
        if (IsHashed(call))
        {
            var hashed = new List<long>();
            Func<int, int[], long> hash = Hash(call, columns, firstParameter);
            ForEach((row, chosen) => hashed.Add(hash(row, chosen)));
            values = Integers.Write(DataType.Int64, TensorShape.Of(hashed.Count), [.. hashed]);
        }
        else
        {
            var joined = new List<ReadOnlyMemory<byte>>();
            byte[] separator = call.Node.Op == "SparseCrossV2" ? call.Inputs[firstParameter].Strings[0].ToArray() : [.. Strings.Bytes(Separator).Span];
            ForEach((row, chosen) => joined.Add(StringJoin.Join(columns.Select((column, i) => column.Text(row, chosen[i])), separator)));
            values = Strings.Of(TensorShape.Of(joined.Count), [.. joined]);
        }
        return [Integers.Write(DataType.Int64, TensorShape.Of(indices.Count / 2, 2), [.. indices]), values, Integers.Write(DataType.Int64, TensorShape.Of(2), [rows, widest])];

        void ForEach(Action<int, int[]> visit)
        {
            for (int row = 0; row < rows; row++)
            {
                call.Cancellation.ThrowIfCancellationRequested();
                at = 0;
                int[] counts = [.. columns.Select(column => column.Count(row))];
                if (counts.Contains(0))
                    continue;
                int[] chosen = new int[columns.Count];
                do
                {
                    visit(row, chosen);
                    indices.AddRange([row, at++]);
                }
                while (Advance(chosen, counts));
                widest = Math.Max(widest, at);
            }
        }
    }

    /// <summary>The next combination, the last column first; false after the last one.</summary>
    private static bool Advance(int[] chosen, int[] counts)
    {
        for (int i = chosen.Length - 1; i >= 0; i--)
        {
            if (++chosen[i] < counts[i])
                return true;
            chosen[i] = 0;
        }
        return false;
    }

    private static bool IsHashed(KernelCall call) => call.Node.Op switch
    {
        "SparseCross" => call.Node.Bool("hashed_output"),
        "SparseCrossV2" => false,
        _ => true,
    };

    private static Func<int, int[], long> Hash(KernelCall call, List<Column> columns, int firstParameter)
    {
        if (call.Node.Op == "SparseCross")
        {
            ulong buckets = (ulong)call.Node.Long("num_buckets");
            ulong key = (ulong)call.Node.Long("hash_key");
            return (row, chosen) =>
            {
                ulong hash = key;
                for (int i = 0; i < columns.Count; i++)
                    hash = Fingerprint.Join(hash, columns[i].Hash(row, chosen[i], Fingerprint.Of));
                return Bucket(hash, buckets);
            };
        }
        ulong limit = (ulong)Integers.Scalar(call.Inputs[firstParameter], "num_buckets");
        bool isStrong = call.Inputs[firstParameter + 1].AsSpan<bool>()[0];
        long[] salt = Integers.Read(call.Inputs[firstParameter + 2]);
        if (salt.Length != 2)
            throw Refuse.Invalid($"salt must have 2 elements, not {salt.Length}");
        Column.StringHash strong = text => SipHash.Of(text, (ulong)salt[0], (ulong)salt[1]);
        Column.StringHash function = isStrong ? strong : Fingerprint.Of;
        return (row, chosen) =>
        {
            ulong hash = columns[0].Hash(row, chosen[0], function);
            for (int i = 1; i < columns.Count; i++)
                hash = Fingerprint.Join(hash, columns[i].Hash(row, chosen[i], function));
            return Bucket(hash, limit);
        };
    }

    private static long Bucket(ulong hash, ulong buckets) => (long)(hash % (buckets > 0 ? buckets : long.MaxValue));

    /// <summary>One column: the features of each row.</summary>
    private sealed class Column(Tensor values, int rows, Func<int, int> count, Func<int, int, int> place)
    {
        public delegate ulong StringHash(ReadOnlySpan<byte> text);

        public int Rows => rows;

        /// <summary>A sparse column [rows, …], its indices in order.</summary>
        public static Column Sparse(Tensor indices, Tensor values, Tensor shape)
        {
            long[] size = Integers.Read(shape);
            long[] vectors = Integers.Read(indices);
            bool fits = size.Length == 2 && size[0] is >= 0 and <= int.MaxValue && indices.Shape.Rank == 2 && indices.Shape[1] == 2 && values.Shape.Rank == 1 && indices.Shape[0] == values.ElementCount;
            if (!fits)
                throw Refuse.Invalid($"indices {indices.Shape}, values {values.Shape} and shape {shape.Shape} do not make a sparse matrix");
            int[] starts = new int[size[0]];
            int[] counts = new int[size[0]];
            for (int i = 0; i < values.ElementCount; i++)
            {
                long row = vectors[2 * i];
                if (row < 0 || row >= size[0])
                    throw Refuse.Invalid($"row {row} is outside of a matrix of {size[0]} rows");
                if (counts[row]++ == 0)
                    starts[row] = i;
            }
            return new(values, (int)size[0], row => counts[row], (row, n) => starts[row] + n);
        }

        /// <summary>A dense column [rows, features].</summary>
        public static Column Dense(Tensor values)
        {
            if (values.Shape.Rank != 2)
                throw Refuse.Invalid($"Dense inputs should be a matrix but received shape {values.Shape}");
            int width = (int)values.Shape[1];
            return new(values, (int)values.Shape[0], _ => width, (row, n) => (row * width) + n);
        }

        public int Count(int row) => count(row);

        public ReadOnlyMemory<byte> Text(int row, int n) =>
            values.Type == DataType.String ? values.Strings[place(row, n)] : Strings.Bytes(values.AsSpan<long>()[place(row, n)].ToString(CultureInfo.InvariantCulture));

        public ulong Hash(int row, int n, StringHash function) =>
            values.Type == DataType.String ? function(values.Strings[place(row, n)].Span) : (ulong)values.AsSpan<long>()[place(row, n)];
    }
}
