using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.MatrixProduct;

/// <summary>Product of two matrices, each of which may be stored transposed. Floats as <see cref="SingleProduct"/> has them; other floating-point types in double, rounded once.</summary>
[Kernel("MatMul")]
internal sealed class MatMul : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        if (node.Shapes[0].Rank is not (2 or -1) || node.Shapes[1].Rank is not (2 or -1))
            throw Refuse.Invalid("Shape must be rank 2");
        long rows = node.Shapes[0].IsUnknownRank ? -1 : node.Shapes[0][node.Node.Bool("transpose_a") ? 1 : 0];
        long columns = node.Shapes[1].IsUnknownRank ? -1 : node.Shapes[1][node.Node.Bool("transpose_b") ? 0 : 1];
        return [TensorShape.Of(rows, columns)];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor a = call.Inputs[0];
        Tensor b = call.Inputs[1];
        if (a.Shape.Rank != 2 || b.Shape.Rank != 2)
            throw Refuse.Invalid($"In[{(a.Shape.Rank != 2 ? 0 : 1)}] is not a matrix. Instead it has shape {(a.Shape.Rank != 2 ? a : b).Shape}");
        bool transposesA = call.Node.Bool("transpose_a");
        bool transposesB = call.Node.Bool("transpose_b");
        int rows = (int)a.Shape[transposesA ? 1 : 0];
        int inner = (int)a.Shape[transposesA ? 0 : 1];
        int columns = (int)b.Shape[transposesB ? 0 : 1];
        if (inner != b.Shape[transposesB ? 1 : 0])
            throw Refuse.Invalid($"Matrix size-incompatible: In[0]: {a.Shape}, In[1]: {b.Shape}");
        TensorShape shape = TensorShape.Of(rows, columns);
        return [a.Type switch
        {
            DataType.Int32 => Integers<int>(a, b, shape, inner, transposesA, transposesB),
            DataType.Int64 => Integers<long>(a, b, shape, inner, transposesA, transposesB),
            DataType.Float => Floats.FromFloats(shape, Singles(Floats.Flushed(a), Floats.Flushed(b), rows, columns, transposesA, transposesB)),
            DataType.Half => Tensor.Create<Half>(a.Type, shape, Halves(Turned(a.AsSpan<Half>(), inner, rows, transposesA), Turned(b.AsSpan<Half>(), columns, inner, transposesB), rows, inner, columns)),
            DataType.Complex64 or DataType.Complex128 => ComplexValues.Write(a.Type, shape, ReferenceGemm.Multiply(Turned<Complex>(ComplexValues.Read(a), inner, rows, transposesA), Turned<Complex>(ComplexValues.Read(b), columns, inner, transposesB), rows, inner, columns)),
            _ => Floats.FromDoubles(a.Type, shape, Multiply<double>(Floats.ToDoubles(a), Floats.ToDoubles(b), rows, inner, columns, transposesA, transposesB)),
        }];
    }

    private static Tensor Integers<T>(Tensor a, Tensor b, TensorShape shape, int inner, bool transposesA, bool transposesB)
        where T : unmanaged, INumber<T> =>
        Tensor.Create<T>(a.Type, shape, Multiply(a.AsSpan<T>(), b.AsSpan<T>(), (int)shape[0], inner, (int)shape[1], transposesA, transposesB));

    /// <summary>A result of a single row or column has code of its own in TensorFlow, but where the vector is the transposed side.</summary>
    private static float[] Singles(float[] a, float[] b, int rows, int columns, bool transposesA, bool transposesB)
    {
        float[] c = new float[checked(rows * columns)];
        if (c.Length == 0 || a.Length == 0)
            return c;
        int inner = a.Length / rows;
        if (rows == 1 && transposesB)
            SingleProduct.Dots(b, a, c);
        else if (rows != 1 && columns == 1 && !transposesA)
            SingleProduct.Dots(a, b, c);
        else
            SingleProduct.Multiply(transposesA ? ReferenceGemm.Transpose<float>(a, inner, rows) : a, transposesB ? ReferenceGemm.Transpose<float>(b, columns, inner) : b, c, rows, columns);
        return c;
    }

    private static ReadOnlySpan<T> Turned<T>(ReadOnlySpan<T> matrix, int rows, int columns, bool isTransposed) => isTransposed ? ReferenceGemm.Transpose(matrix, rows, columns) : matrix;

    /// <summary>Half precision rounds every product and every sum, as TensorFlow's does.</summary>
    private static Half[] Halves(ReadOnlySpan<Half> a, ReadOnlySpan<Half> b, int rows, int inner, int columns)
    {
        var c = new Half[checked(rows * columns)];
        for (int i = 0; i < c.Length; i++)
        {
            Half sum = Half.Zero;
            for (int k = 0; k < inner; k++)
                sum = (Half)((float)sum + (float)(Half)((float)a[(i / columns * inner) + k] * (float)b[(k * columns) + (i % columns)]));
            c[i] = sum;
        }
        return c;
    }

    private static T[] Multiply<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, int rows, int inner, int columns, bool transposesA, bool transposesB)
        where T : unmanaged, INumber<T>
    {
        T[] c = new T[checked(rows * columns)];
        ReferenceGemm.Add(transposesA ? ReferenceGemm.Transpose(a, inner, rows) : a, transposesB ? ReferenceGemm.Transpose(b, columns, inner) : b, c, rows, inner, columns);
        return c;
    }
}
