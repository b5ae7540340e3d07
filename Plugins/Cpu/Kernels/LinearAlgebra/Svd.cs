using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.LinearAlgebra;

/// <summary>Singular values in falling order, and the singular vectors as columns, by one-sided Jacobi rotations (Hestenes 1958). The sign of a pair of vectors is arbitrary.</summary>
[Kernel("Svd")]
internal sealed class Svd : IKernel
{
    private const int MostSweeps = 60;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown, TensorShape.Unknown, TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Matrices input = Matrices.Of(call.Inputs[0]);
        bool withVectors = call.Node.Bool("compute_uv");
        bool isWide = input.Rows < input.Columns;
        int rows = Math.Max(input.Rows, input.Columns);
        int columns = Math.Min(input.Rows, input.Columns);
        bool isFull = call.Node.Bool("full_matrices");
        int tall = isFull ? rows : columns;
        double[] values = new double[input.Count * columns];
        double[] longVectors = new double[input.Count * rows * tall];
        double[] shortVectors = new double[input.Count * columns * columns];
        for (int i = 0; i < input.Count; i++)
        {
            double[] columnMajor = isWide ? input[i].ToArray() : Matrices.Transpose(input[i], rows, columns);
            double[] rotation = Rotate(columnMajor, rows, columns, call.Cancellation);
            int[] order = Order(columnMajor, rows, columns, values.AsSpan(i * columns, columns));
            if (!withVectors)
                continue;
            Store(columnMajor, rotation, order, (rows, columns, tall), longVectors.AsSpan(i * rows * tall), shortVectors.AsSpan(i * columns * columns));
        }
        Tensor s = input.Pack(values, columns);
        if (!withVectors)
            return [s, Floats.FromDoubles(input.Type, TensorShape.Of(0), []), Floats.FromDoubles(input.Type, TensorShape.Of(0), [])];
        Tensor ofLong = input.Pack(longVectors, rows, tall);
        Tensor ofShort = input.Pack(shortVectors, columns, columns);
        return isWide ? [s, ofShort, ofLong] : [s, ofLong, ofShort];
    }

    /// <summary>Makes the columns orthogonal; returns the product of the rotations, columns first.</summary>
    private static double[] Rotate(double[] matrix, int rows, int columns, CancellationToken cancellation)
    {
        double[] rotation = new double[columns * columns];
        for (int i = 0; i < columns; i++)
            rotation[(i * columns) + i] = 1;
        for (int sweep = 0; sweep < MostSweeps; sweep++)
        {
            cancellation.ThrowIfCancellationRequested();
            bool isOrthogonal = true;
            for (int a = 0; a < columns; a++)
            {
                for (int b = a + 1; b < columns; b++)
                    isOrthogonal &= !RotatePair(matrix.AsSpan(a * rows, rows), matrix.AsSpan(b * rows, rows), rotation.AsSpan(a * columns, columns), rotation.AsSpan(b * columns, columns));
            }
            if (isOrthogonal)
                break;
        }
        return rotation;
    }

    private static bool RotatePair(Span<double> a, Span<double> b, Span<double> rotationA, Span<double> rotationB)
    {
        double aa = Dot(a, a);
        double bb = Dot(b, b);
        double ab = Dot(a, b);
        if (Math.Abs(ab) <= 1e-15 * Math.Sqrt(aa * bb))
            return false;
        double tau = (bb - aa) / (2 * ab);
        double tangent = (tau >= 0 ? 1 : -1) / (Math.Abs(tau) + Math.Sqrt(1 + (tau * tau)));
        double cosine = 1 / Math.Sqrt(1 + (tangent * tangent));
        Turn(a, b, cosine, cosine * tangent);
        Turn(rotationA, rotationB, cosine, cosine * tangent);
        return true;
    }

    private static void Turn(Span<double> a, Span<double> b, double cosine, double sine)
    {
        for (int i = 0; i < a.Length; i++)
            (a[i], b[i]) = ((cosine * a[i]) - (sine * b[i]), (sine * a[i]) + (cosine * b[i]));
    }

    private static int[] Order(double[] matrix, int rows, int columns, Span<double> values)
    {
        double[] norms = new double[columns];
        for (int i = 0; i < columns; i++)
            norms[i] = Math.Sqrt(Dot(matrix.AsSpan(i * rows, rows), matrix.AsSpan(i * rows, rows)));
        int[] order = [.. Enumerable.Range(0, columns).OrderByDescending(column => norms[column])];
        for (int i = 0; i < columns; i++)
            values[i] = norms[order[i]];
        return order;
    }

    private static void Store(double[] matrix, double[] rotation, int[] order, (int Rows, int Columns, int Tall) size, Span<double> longVectors, Span<double> shortVectors)
    {
        var basis = new OrthonormalBasis(size.Rows);
        foreach (int column in order)
            basis.Add(matrix.AsSpan(column * size.Rows, size.Rows));
        basis.Complete(size.Tall);
        for (int column = 0; column < size.Tall; column++)
        {
            for (int row = 0; row < size.Rows; row++)
                longVectors[(row * size.Tall) + column] = basis[column][row];
        }
        for (int column = 0; column < size.Columns; column++)
        {
            for (int row = 0; row < size.Columns; row++)
                shortVectors[(row * size.Columns) + column] = rotation[(order[column] * size.Columns) + row];
        }
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
