using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>Packs weights, lays input, residual and output in an arena, and runs all blocks in reverse order.</summary>
internal static unsafe class F32GemmRun
{
    private const float Untouched = 12345;

    public static float[] Run(F32GemmKernels tiles, ConvolutionShape shape, ConvolutionOperands operands, float low, float high, int threads)
    {
        var (input, weights, scale, bias, residual) = operands;
        var (taps, depth) = shape.WithRowTaps ?? (shape.Height.Size * shape.Width.Size, shape.InputChannels);
        F32Panels panels = F32Panels.Pack(tiles, weights, taps, depth, shape.OutputChannels, scale, bias);
        int zeroBytes = sizeof(float) * (shape.InputChannels + 64);
        int outputs = shape.Rows * shape.OutputChannels;
        var arena = new AlignedMemory(zeroBytes + (sizeof(float) * (long)input.Length));
        input.CopyTo(new Span<float>(arena.Pointer + zeroBytes, input.Length));
        var added = new AlignedMemory(sizeof(float) * (long)outputs);
        residual?.CopyTo(added.Span<float>());
        var result = new AlignedMemory(sizeof(float) * (long)(outputs + 64));
        result.Span<float>().Fill(Untouched);
        RowOffsets rows = RowOffsets.Of(shape, tiles.Contract.Mr, shape.InputChannels * sizeof(float), zeroBytes, 0);
        var product = new F32Gemm(tiles, panels, rows, depth * sizeof(float), shape.OutputChannels, threads);
        for (int block = product.Blocks - 1; block >= 0; block--)
            product.Run(arena.Pointer, (float*)result.Pointer, residual is null ? null : (float*)added.Pointer, low, high, block);
        Assert.All(result.Span<float>()[outputs..].ToArray(), value => Assert.Equal(Untouched, value));
        return result.Span<float>()[..outputs].ToArray();
    }
}
