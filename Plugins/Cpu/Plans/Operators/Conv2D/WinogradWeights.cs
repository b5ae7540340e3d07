using System.Buffers;
using System.Collections.Immutable;
using System.Numerics;
using TransformFramework.Cpu.Microkernels.Gemm.Bf16;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Gemm.Winograd;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Plans.Operators.Conv2D;

/// <summary>The filters of Winograd's convolution, transformed to G·g·Gᵀ and packed, and the bias.</summary>
/// <param name="Products">Weights of each of the 16 matrix products.</param>
/// <param name="Bias">Of each output channel.</param>
internal sealed record WinogradWeights(ImmutableArray<F32Panels> Products, AlignedMemory Bias)
{
    private const int Size = 3;

    /// <summary>Transforms and packs filters.</summary>
    /// <param name="tiles">The kernels that will read them.</param>
    /// <param name="rounding">Rounds them to bfloat16, for kernels of its own; null for floats.</param>
    /// <param name="filter">[3, 3, in, out].</param>
    /// <param name="depth">Input channels.</param>
    /// <param name="columns">Output channels.</param>
    /// <param name="post">What follows the sums: their scale and bias.</param>
    public static WinogradWeights Of(F32GemmKernels tiles, Bf16Products? rounding, ReadOnlySpan<float> filter, int depth, int columns, PostOps post)
    {
        float[] scale = post.Scale is null ? [] : PostOps.ToSingles(post.Scale);
        float[] bias = post.Offset is null ? new float[columns] : PostOps.ToSingles(post.Offset);
        int pairs = depth * columns;
        float[] matrices = ArrayPool<float>.Shared.Rent(checked(WinogradTile.Products * pairs));
        Transform(filter, matrices, pairs);
        var products = ImmutableArray.CreateBuilder<F32Panels>(WinogradTile.Products);
        for (int product = 0; product < WinogradTile.Products; product++)
        {
            ReadOnlySpan<float> matrix = matrices.AsSpan(product * pairs, pairs);
            products.Add(rounding?.Pack(matrix, 1, depth, columns, scale, bias: []) ?? F32Panels.Pack(tiles, matrix, 1, depth, columns, scale, bias: []));
        }
        ArrayPool<float>.Shared.Return(matrices);
        return new(products.MoveToImmutable(), AlignedMemory.Of<float>(bias));
    }

    /// <summary>The filters of all pairs of channels, a vector of them at a time; the last may overlap the one before.</summary>
    private static void Transform(ReadOnlySpan<float> filter, Span<float> matrices, int pairs)
    {
        Span<Vector<float>> columns = stackalloc Vector<float>[WinogradTile.Inputs * Size];
        for (int i = 0; i < pairs; i += Vector<float>.Count)
        {
            int at = Math.Min(i, pairs - Vector<float>.Count);
            for (int x = 0; x < Size; x++)
            {
                var (y0, y1, y2, y3) = Spread(Load(filter, pairs, x, at), Load(filter, pairs, Size + x, at), Load(filter, pairs, (2 * Size) + x, at));
                (columns[x], columns[Size + x], columns[(2 * Size) + x], columns[(3 * Size) + x]) = (y0, y1, y2, y3);
            }
            for (int y = 0; y < WinogradTile.Inputs; y++)
            {
                var (x0, x1, x2, x3) = Spread(columns[y * Size], columns[(y * Size) + 1], columns[(y * Size) + 2]);
                Span<float> row = matrices[((y * WinogradTile.Inputs * pairs) + at)..];
                x0.CopyTo(row);
                x1.CopyTo(row[pairs..]);
                x2.CopyTo(row[(2 * pairs)..]);
                x3.CopyTo(row[(3 * pairs)..]);
            }
        }
    }

    private static Vector<float> Load(ReadOnlySpan<float> filter, int pairs, int tap, int at) => new(filter[((tap * pairs) + at)..]);

    /// <summary>G times a column of three.</summary>
    private static (Vector<float> First, Vector<float> Second, Vector<float> Third, Vector<float> Fourth) Spread(Vector<float> first, Vector<float> second, Vector<float> third)
    {
        Vector<float> outer = first + third;
        return (first, (outer + second) * 0.5f, (outer - second) * 0.5f, third);
    }
}
