using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>The 8-bit GEMM of every instruction set, against plain sums.</summary>
public sealed unsafe class U8S8GemmTests
{
    public static TheoryData<string> Kernels => MicrokernelCases.Named("u8s8_gemm", "s16s16_gemm");

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Matrix_products_are_exact(string kernel)
    {
        var random = new Random(1);
        int[] depths = [1, 2, 3, 4, 5, 7, 64, 131];
        foreach (int rows in (int[])[1, 2, 3, 4, 5, 6, 7, 13, 50])
        {
            foreach (int columns in (int[])[1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 48, 63, 64, 65, 100, 129])
                Check(kernel, ConvolutionShape.MatMul(rows, depths[random.Next(depths.Length)], columns), random, Fill.Random);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Convolutions_are_exact(string kernel)
    {
        var random = new Random(2);
        foreach (ConvolutionShape shape in ConvolutionCases.All)
            Check(kernel, shape, random, Fill.Random);
    }

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Extremes_neither_saturate_nor_overflow_early(string kernel)
    {
        var random = new Random(3);
        ConvolutionShape shape = ConvolutionShape.MatMul(7, 4 * 131, 70);
        Check(kernel, shape, random, Fill.Lowest);
        Check(kernel, shape, random, Fill.Highest);
        Check(kernel, shape, random, Fill.MinMaxValues);
    }

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Panels_of_both_kinds_are_exact_side_by_side(string kernel)
    {
        var random = new Random(5);
        foreach (ConvolutionShape shape in ConvolutionCases.All)
        {
            Check(kernel, shape, random, Fill.SafePairs);
            Check(kernel, shape, random, Fill.Mixed);
        }
        Check(kernel, ConvolutionShape.MatMul(53, 131, 200), random, Fill.Mixed);
        Check(kernel, ConvolutionShape.MatMul(150, 2000, 90), random, Fill.Mixed);
    }

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Only_panels_with_unsafe_pairs_are_widened(string kernel)
    {
        U8S8GemmKernels tiles = MicrokernelCases.SetOf(kernel).Int8Gemm;
        const int columns = 100;
        sbyte[] weights = new sbyte[6 * columns];
        weights.AsSpan().Fill(64);
        Assert.Equal(0, U8S8Panels.Pack(tiles, weights, 2, 3, columns, []).WidenedCount);
        weights[(2 * columns) + 40] = 127;
        Assert.Equal(0, U8S8Panels.Pack(tiles, weights, 2, 3, columns, []).WidenedCount);
        weights[(4 * columns) + 40] = 65;
        weights[(4 * columns) + 99] = 65;
        Assert.Equal(tiles.Widened is null ? 0 : 2, U8S8Panels.Pack(tiles, weights, 2, 3, columns, []).WidenedCount);
    }

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Accumulators_wrap_around(string kernel) => Check(kernel, ConvolutionShape.MatMul(3, 4 * 16600, 17), new Random(4), Fill.Highest);

    private static void Check(string kernel, ConvolutionShape shape, Random random, Fill quantized)
    {
        byte[] input = new byte[shape.Batch * shape.Height.Input * shape.Width.Input * shape.InputChannels];
        sbyte[] weights = new sbyte[shape.Height.Size * shape.Width.Size * shape.InputChannels * shape.OutputChannels];
        int[] start = [.. Enumerable.Range(0, shape.OutputChannels).Select(_ => random.Next(int.MinValue, int.MaxValue))];
        for (int i = 0; i < input.Length; i++)
            input[i] = quantized switch { Fill.Random or Fill.Mixed or Fill.SafePairs => (byte)random.Next(256), Fill.MinMaxValues => (byte)(random.Next(2) * 255), _ => 255 };
        for (int i = 0; i < weights.Length; i++)
            weights[i] = quantized switch { Fill.Random => (sbyte)random.Next(-128, 128), Fill.SafePairs => (sbyte)random.Next(-64, 65), Fill.Mixed => (sbyte)random.Next(-64, random.Next(200) == 0 ? 128 : 65), Fill.MinMaxValues => (sbyte)(random.Next(2) == 0 ? -128 : 127), Fill.Lowest => -128, _ => 127 };
        byte padding = (byte)random.Next(256);
        Assert.Equal(Reference(shape, input, weights, start, padding), Run(MicrokernelCases.SetOf(kernel).Int8Gemm, shape, input, weights, start, padding, 1 + random.Next(3)));
    }

    private static int[] Reference(ConvolutionShape shape, byte[] input, sbyte[] weights, int[] start, byte padding)
    {
        int[] accumulators = new int[shape.Rows * shape.OutputChannels];
        for (int row = 0; row < shape.Rows; row++)
        {
            Span<int> results = accumulators.AsSpan(row * shape.OutputChannels, shape.OutputChannels);
            start.CopyTo(results);
            foreach (var (pixel, tap) in ConvolutionCases.Taps(shape, row))
            {
                for (int c = 0; c < shape.InputChannels; c++)
                {
                    int q = pixel < 0 ? padding : input[(pixel * shape.InputChannels) + c];
                    for (int n = 0; n < results.Length; n++)
                        results[n] = unchecked(results[n] + (q * weights[(((tap * shape.InputChannels) + c) * shape.OutputChannels) + n]));
                }
            }
        }
        return accumulators;
    }

    private static int[] Run(U8S8GemmKernels tiles, ConvolutionShape shape, byte[] input, sbyte[] weights, int[] start, byte padding, int threads)
    {
        var (taps, depth) = shape.WithRowTaps ?? (shape.Height.Size * shape.Width.Size, shape.InputChannels);
        U8S8Panels panels = U8S8Panels.Pack(tiles, weights, taps, depth, shape.OutputChannels, start);
        int zeroBytes = shape.InputChannels + 64;
        var arena = new AlignedMemory(zeroBytes + (long)input.Length);
        arena.Span<byte>()[..zeroBytes].Fill(padding);
        input.CopyTo(arena.Span<byte>()[zeroBytes..]);
        var sink = new Keep(shape.Rows, shape.OutputChannels);
        var product = new U8S8Gemm(tiles, panels, RowOffsets.Of(shape, tiles.Contract.Mr, shape.InputChannels, zeroBytes, 0), depth, sizeof(int), threads);
        for (int block = product.Blocks - 1; block >= 0; block--)
            product.Run(arena.Pointer, block, ref sink);
        return sink.Accumulators;
    }

    private enum Fill
    {
        Random,
        SafePairs,
        Mixed,
        Lowest,
        Highest,
        MinMaxValues,
    }

    private sealed class Keep(int allRows, int allColumns) : IAccumulatorSink
    {
        public int[] Accumulators { get; } = new int[allRows * allColumns];

        public void Take(byte* arena, int* accumulators, int stride, int row, int rows, int column, int columns)
        {
            for (int r = 0; r < rows; r++)
                new Span<int>(accumulators + (r * stride), columns).CopyTo(Accumulators.AsSpan(((row + r) * allColumns) + column, columns));
        }
    }
}
