using System.Collections.Immutable;
using System.Numerics;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Plans.Operators.Conv2D;

/// <summary>
/// A float convolution with the bits of the reference kernel. The patches of some output pixels are gathered, denormals as zero; each block of the inner dimension is multiplied by fused multiply-adds in order, and the
/// sums of the blocks are added up.
/// </summary>
internal sealed unsafe class ExactConv2DOperator(F32GemmKernels tiles, ConvolutionShape shape, ExactGemmWeights weights, PlanBuffer source, PlanBuffer? zeros, PlanBuffer target) : BlockOperator
{
    private const int PatchBytes = 256 << 10;

    [ThreadStatic]
    private static AlignedMemory? patches;

    private readonly int rowsAtOnce = Math.Max(1, PatchBytes / sizeof(float) / weights.Inner / tiles.Contract.Mr) * tiles.Contract.Mr;
    private RowOffsets? rows;
    private F32Gemm[] whole = [];
    private F32Gemm[] rest = [];

    public override ImmutableArray<PlanBuffer> Reads { get; } = [.. new[] { source, zeros }.OfType<PlanBuffer>()];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (shape.Rows + rowsAtOnce - 1) / rowsAtOnce;

    public override void Prepare()
    {
        rows = RowOffsets.Of(shape, tiles.Contract.Mr, shape.InputChannels * sizeof(float), source.Offset, zeros?.Offset ?? 0);
        whole = Products(rowsAtOnce);
        rest = Products(shape.Rows % rowsAtOnce);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        int first = block * rowsAtOnce;
        int count = Math.Min(rowsAtOnce, shape.Rows - first);
        float* output = run.Floats(target) + ((nint)first * shape.OutputChannels);
        byte* gathered = Gather(run.Arena, first, count);
        F32Gemm[] products = count == rowsAtOnce ? whole : rest;
        for (int i = 0; i < products.Length; i++)
        {
            for (int part = 0; part < products[i].Blocks; part++)
                products[i].Run(gathered, output, i == 0 ? null : output, float.NegativeInfinity, float.PositiveInfinity, part);
        }
        CopyFlushed(output, output, count * shape.OutputChannels);
    }

    /// <summary>The products of so many gathered rows by each block.</summary>
    private F32Gemm[] Products(int count)
    {
        if (count == 0)
            return [];
        var products = new F32Gemm[weights.Blocks.Length];
        for (int i = 0; i < products.Length; i++)
        {
            F32Panels panels = weights.Blocks[i];
            var offsets = RowOffsets.Of(ConvolutionShape.MatMul(count, panels.Depth, panels.Columns), tiles.Contract.Mr, weights.Inner * sizeof(float), i * weights.Block * sizeof(float), 0);
            products[i] = new(tiles, panels, offsets, panels.Depth * sizeof(float), shape.OutputChannels, threads: 1);
        }
        return products;
    }

    private byte* Gather(byte* arena, int firstRow, int count)
    {
        long bytes = sizeof(float) * (long)weights.Inner * rowsAtOnce;
        if (patches is null || patches.Length < bytes)
            patches = new(bytes);
        int* scratch = stackalloc int[tiles.Contract.Mr];
        int depth = weights.Inner / rows!.Taps;
        for (int row = firstRow; row < firstRow + count; row += rows.Mr)
        {
            int rowsOfTile = Math.Min(rows.Mr, rows.Rows - row);
            int* offsets = rows.Tile(row, scratch);
            for (int tap = 0; tap < rows.Taps; tap++)
            {
                for (int r = 0; r < rowsOfTile; r++)
                    CopyFlushed((float*)(arena + offsets[(tap * rowsOfTile) + r]), (float*)patches.Pointer + ((nint)(row - firstRow + r) * weights.Inner) + (tap * depth), depth);
            }
        }
        return patches.Pointer;
    }

    /// <summary>Copies floats, denormals as zeros of their sign.</summary>
    private static void CopyFlushed(float* from, float* to, int count)
    {
        int i = 0;
        for (; i + Vector<float>.Count <= count; i += Vector<float>.Count)
        {
            Vector<float> values = Vector.Load(from + i);
            Vector.ConditionalSelect(Vector.LessThan(Vector.Abs(values), new Vector<float>(Denormals.SmallestNormal)), values & new Vector<float>(-0f), values).Store(to + i);
        }
        for (; i < count; i++)
            to[i] = Denormals.Flush(from[i]);
    }
}
