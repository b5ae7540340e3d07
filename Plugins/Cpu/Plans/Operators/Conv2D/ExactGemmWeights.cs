using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.MatrixProduct;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Conv2D;

/// <summary>A filter packed in the blocks of its inner dimension whose sums <see cref="SingleProduct"/> adds up.</summary>
/// <param name="Blocks">Panels of each block.</param>
/// <param name="Block">Rows of a block; the last may have less.</param>
/// <param name="Inner">Rows of all blocks.</param>
internal sealed record ExactGemmWeights(ImmutableArray<F32Panels> Blocks, int Block, int Inner)
{
    /// <summary>Packs a filter [taps…, in, out], denormals as zero.</summary>
    public static ExactGemmWeights Of(F32GemmKernels tiles, Tensor filter)
    {
        int columns = (int)filter.Shape[filter.Shape.Rank - 1];
        float[] weights = Floats.Flushed(filter);
        int inner = weights.Length / columns;
        int block = SingleProduct.MatrixBlock(inner);
        var blocks = ImmutableArray.CreateBuilder<F32Panels>();
        for (int first = 0; first < inner; first += block)
        {
            int rows = Math.Min(block, inner - first);
            blocks.Add(F32Panels.Pack(tiles, weights.AsSpan(first * columns, rows * columns), 1, rows, columns, scale: [], bias: []));
        }
        return new(blocks.ToImmutable(), block, inner);
    }
}
