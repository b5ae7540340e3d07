using TransformFramework.Cpu.Kernels.MatrixProduct;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Gemm;

/// <summary>The two matrices of a quantized product, less their zero points and neither of them transposed.</summary>
/// <param name="Left">Elements [rows, inner].</param>
/// <param name="Right">Elements [inner, columns].</param>
/// <param name="Rows">Rows of the product.</param>
/// <param name="Inner">Residuals of each sum.</param>
/// <param name="Columns">Columns of the product.</param>
internal sealed record QuantizedMatrices(int[] Left, int[] Right, int Rows, int Inner, int Columns)
{
    public TensorShape Shape => TensorShape.Of(Rows, Columns);

    /// <summary>The matrices in the first two inputs, of 8-bit values, by the attributes <c>transpose_a</c> and <c>transpose_b</c>.</summary>
    public static QuantizedMatrices Of(KernelCall call, int leftZero, int rightZero)
    {
        TensorShape a = call.Inputs[0].Shape;
        TensorShape b = call.Inputs[1].Shape;
        if (a.Rank != 2 || b.Rank != 2)
            throw Refuse.Invalid($"In[{(a.Rank != 2 ? 0 : 1)}] is not a matrix, but has shape {(a.Rank != 2 ? a : b)}");
        bool transposesA = call.Node.Bool("transpose_a");
        bool transposesB = call.Node.Bool("transpose_b");
        int rows = (int)a[transposesA ? 1 : 0];
        int inner = (int)a[transposesA ? 0 : 1];
        int columns = (int)b[transposesB ? 0 : 1];
        if (inner != b[transposesB ? 1 : 0])
            throw Refuse.Invalid($"Matrix size-incompatible: In[0]: {a}, In[1]: {b}");
        int[] left = QuantizedTypes.Centered(call.Inputs[0], leftZero);
        int[] right = QuantizedTypes.Centered(call.Inputs[1], rightZero);
        return new(transposesA ? ReferenceGemm.Transpose<int>(left, inner, rows) : left, transposesB ? ReferenceGemm.Transpose<int>(right, columns, inner) : right, rows, inner, columns);
    }

    /// <summary>Shape of the product as far as it is known.</summary>
    public static TensorShape Infer(ShapeInference node)
    {
        TensorShape a = node.Shapes[0];
        TensorShape b = node.Shapes[1];
        if (a.Rank is not (2 or -1) || b.Rank is not (2 or -1))
            throw Refuse.Invalid($"both inputs must be matrices, but have shapes {a} and {b}");
        long rows = a.IsUnknownRank ? -1 : a[node.Node.Bool("transpose_a") ? 1 : 0];
        return TensorShape.Of(rows, b.IsUnknownRank ? -1 : b[node.Node.Bool("transpose_b") ? 0 : 1]);
    }

    /// <summary>The product, row by row; sums wrap around in 32 bits, those of nothing are 0.</summary>
    public void Multiply(Span<int> accumulators) => new PackedMatrix(Right, Inner, Columns).Multiply(Left, Rows, accumulators);
}
