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
        if (rounding is not null)
            return new(Rounded(rounding, filter, depth, columns, scale), AlignedMemory.Of<float>(bias));
        ImmutableArray<F32Panels> products = [.. Enumerable.Range(0, WinogradTile.Products).Select(_ => F32Panels.Zeros(tiles, taps: 1, depth, columns))];
        float[] rows = new float[WinogradTile.Products * columns];
        for (int input = 0; input < depth; input++)
        {
            Transform(filter[(input * columns)..], depth * columns, rows, columns);
            for (int product = 0; product < products.Length; product++)
                products[product].Fill(input, rows.AsSpan(product * columns, columns), scale);
        }
        return new(products, AlignedMemory.Of<float>(bias));
    }

    /// <summary>Weights of products that round their factors, which pack a matrix as a whole.</summary>
    private static ImmutableArray<F32Panels> Rounded(Bf16Products rounding, ReadOnlySpan<float> filter, int depth, int columns, float[] scale)
    {
        int pairs = depth * columns;
        float[] rows = new float[WinogradTile.Products * columns];
        float[] matrices = ArrayPool<float>.Shared.Rent(checked(WinogradTile.Products * pairs));
        for (int input = 0; input < depth; input++)
        {
            Transform(filter[(input * columns)..], pairs, rows, columns);
            for (int product = 0; product < WinogradTile.Products; product++)
                rows.AsSpan(product * columns, columns).CopyTo(matrices.AsSpan((product * pairs) + (input * columns)));
        }
        var products = ImmutableArray.CreateBuilder<F32Panels>(WinogradTile.Products);
        for (int product = 0; product < WinogradTile.Products; product++)
            products.Add(rounding.Pack(matrices.AsSpan(product * pairs, pairs), 1, depth, columns, scale, bias: []));
        ArrayPool<float>.Shared.Return(matrices);
        return products.MoveToImmutable();
    }

    /// <summary>The filters of an input channel and all output channels, a vector of these at a time; the last may overlap the one before.</summary>
    /// <param name="filter">Starts at the first tap of the input channel.</param>
    /// <param name="tapStride">Weights of a tap.</param>
    /// <param name="rows">Receives a row for each product.</param>
    /// <param name="length">Output channels.</param>
    private static void Transform(ReadOnlySpan<float> filter, int tapStride, Span<float> rows, int length)
    {
        Span<Vector<float>> columns = stackalloc Vector<float>[WinogradTile.Inputs * Size];
        for (int i = 0; i < length; i += Vector<float>.Count)
        {
            int at = Math.Min(i, length - Vector<float>.Count);
            for (int x = 0; x < Size; x++)
            {
                var (y0, y1, y2, y3) = Spread(Load(filter, tapStride, x, at), Load(filter, tapStride, Size + x, at), Load(filter, tapStride, (2 * Size) + x, at));
                (columns[x], columns[Size + x], columns[(2 * Size) + x], columns[(3 * Size) + x]) = (y0, y1, y2, y3);
            }
            for (int y = 0; y < WinogradTile.Inputs; y++)
            {
                var (x0, x1, x2, x3) = Spread(columns[y * Size], columns[(y * Size) + 1], columns[(y * Size) + 2]);
                Span<float> row = rows[((y * WinogradTile.Inputs * length) + at)..];
                x0.CopyTo(row);
                x1.CopyTo(row[length..]);
                x2.CopyTo(row[(2 * length)..]);
                x3.CopyTo(row[(3 * length)..]);
            }
        }
    }

    private static Vector<float> Load(ReadOnlySpan<float> filter, int tapStride, int tap, int at) => new(filter[((tap * tapStride) + at)..]);

    /// <summary>G times a column of three.</summary>
    private static (Vector<float> First, Vector<float> Second, Vector<float> Third, Vector<float> Fourth) Spread(Vector<float> first, Vector<float> second, Vector<float> third)
    {
        Vector<float> outer = first + third;
        return (first, (outer + second) * 0.5f, (outer - second) * 0.5f, third);
    }
}
