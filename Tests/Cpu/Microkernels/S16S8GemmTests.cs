using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>Products of 16-bit inputs and 8-bit weights of every instruction set, against plain sums.</summary>
public sealed unsafe class S16S8GemmTests
{
    public static TheoryData<string> Kernels => MicrokernelCases.Named("s16s8_gemm");

    public static TheoryData<string> Sets => [.. MicrokernelCatalog.SetNames];

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Matrix_products_are_exact(string kernel)
    {
        var random = new Random(1);
        int[] depths = [1, 2, 3, 4, 5, 7, 64, 131];
        foreach (int rows in (int[])[1, 2, 3, 4, 5, 6, 7, 13, 50])
        {
            foreach (int columns in (int[])[1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 48, 63, 64, 65, 100, 129])
                Check(kernel, ConvolutionShape.MatMul(rows, depths[random.Next(depths.Length)], columns), random, isExtreme: false);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Convolutions_are_exact(string kernel)
    {
        var random = new Random(2);
        foreach (ConvolutionShape shape in ConvolutionCases.All)
            Check(kernel, shape, random, isExtreme: false);
    }

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Extremes_do_not_overflow_early(string kernel) => Check(kernel, ConvolutionShape.MatMul(7, 516, 70), new Random(3), isExtreme: true);

    [SkippableTheory]
    [MemberData(nameof(Sets))]
    public void Depthwise_sums_are_exact(string set)
    {
        Skip.IfNot(MicrokernelCatalog.Supported.Any(supported => supported.Name == set), $"this machine lacks the kernel set {set}");
        var random = new Random(4);
        foreach (var (taps, groups) in ((int, int)[])[(1, 1), (2, 3), (9, 4), (9, 7), (25, 9), (S16S8DepthwiseKernel.MostTaps, 1)])
        {
            int channels = groups * S16S8DepthwiseKernel.Channels;
            short[] data = [.. Enumerable.Range(0, (taps + 1) * channels).Select(i => taps > 25 ? short.MaxValue : (short)random.Next(-short.MaxValue, short.MaxValue + 1))];
            sbyte[] filter = [.. Enumerable.Range(0, taps * channels).Select(_ => taps > 25 ? sbyte.MaxValue : (sbyte)random.Next(-127, 128))];
            var values = AlignedMemory.Of<short>(data);
            AlignedMemory weights = S16S8DepthwiseKernel.Pack(filter, taps, channels);
            int pairs = (taps + 1) / 2;
            byte*[] pointers = new byte*[2 * pairs];
            for (int tap = 0; tap < 2 * pairs; tap++)
                pointers[tap] = values.Pointer + (Math.Min(tap, taps) * channels * sizeof(short));
            int[] sums = new int[channels];
            fixed (byte** rows = pointers)
            fixed (int* target = sums)
                S16S8DepthwiseKernel.Of(set)(rows, pairs, 0, groups, (short*)weights.Pointer, target);
            for (int c = 0; c < channels; c++)
                Assert.Equal(Enumerable.Range(0, taps).Sum(tap => data[(tap * channels) + c] * filter[(tap * channels) + c]), sums[c]);
        }
    }

    private static void Check(string kernel, ConvolutionShape shape, Random random, bool isExtreme)
    {
        short[] input = [.. Enumerable.Range(0, shape.Batch * shape.Height.Input * shape.Width.Input * shape.InputChannels).Select(_ => isExtreme ? short.MaxValue : (short)random.Next(-short.MaxValue, short.MaxValue + 1))];
        sbyte[] weights = [.. Enumerable.Range(0, shape.Height.Size * shape.Width.Size * shape.InputChannels * shape.OutputChannels).Select(_ => isExtreme ? sbyte.MaxValue : (sbyte)random.Next(-127, 128))];
        Assert.Equal(Reference(shape, input, weights), Run(MicrokernelCases.SetOf(kernel).Int16Gemm, shape, input, weights, 1 + random.Next(3)));
    }

    private static int[] Reference(ConvolutionShape shape, short[] input, sbyte[] weights)
    {
        int[] accumulators = new int[shape.Rows * shape.OutputChannels];
        for (int row = 0; row < shape.Rows; row++)
        {
            Span<int> results = accumulators.AsSpan(row * shape.OutputChannels, shape.OutputChannels);
            foreach (var (pixel, tap) in ConvolutionCases.Taps(shape, row))
            {
                for (int c = 0; c < shape.InputChannels && pixel >= 0; c++)
                {
                    for (int n = 0; n < results.Length; n++)
                        results[n] = checked(results[n] + (input[(pixel * shape.InputChannels) + c] * weights[(((tap * shape.InputChannels) + c) * shape.OutputChannels) + n]));
                }
            }
        }
        return accumulators;
    }

    private static int[] Run(U8S8GemmKernels tiles, ConvolutionShape shape, short[] input, sbyte[] weights, int threads)
    {
        var (taps, depth) = shape.WithRowTaps ?? (shape.Height.Size * shape.Width.Size, shape.InputChannels);
        U8S8Panels panels = U8S8Panels.Pack(tiles, weights, taps, depth, shape.OutputChannels, []);
        int zeroBytes = (shape.InputChannels * sizeof(short)) + 64;
        var arena = new AlignedMemory(zeroBytes + ((long)input.Length * sizeof(short)));
        input.CopyTo(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, short>(arena.Span<byte>()[zeroBytes..]));
        var sink = new Keep(shape.Rows, shape.OutputChannels);
        var product = new U8S8Gemm(tiles, panels, RowOffsets.Of(shape, tiles.Contract.Mr, shape.InputChannels * sizeof(short), zeroBytes, 0), depth * sizeof(short), sizeof(int), threads);
        for (int block = product.Blocks - 1; block >= 0; block--)
            product.Run(arena.Pointer, block, ref sink);
        return sink.Accumulators;
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
