using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.F32;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>The float GEMM of every instruction set, against sums in the same order with scalar fused operations: all bits must agree.</summary>
public sealed class F32GemmTests
{
    public static TheoryData<string> Kernels => MicrokernelCases.Named("f32_gemm");

    [Fact]
    public void The_scalar_set_runs_everywhere() => Assert.Contains(MicrokernelCatalog.Supported, set => set.Name == "scalar");

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Products_have_the_bits_of_fused_scalar_sums(string kernel)
    {
        F32GemmKernels tiles = MicrokernelCases.SetOf(kernel).FloatGemm;
        var random = new Random(1);
        int[] rows = [1, 2, 3, 4, 5, 6, 7, 13, 50];
        int[] columns = [1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 48, 63, 64, 65, 100, 129];
        int[] depths = [1, 2, 3, 5, 64, 131];
        foreach (int m in rows)
        {
            foreach (int n in columns)
                Check(tiles, ConvolutionShape.MatMul(m, depths[random.Next(depths.Length)], n), random, threads: 1 + (n % 3), residual: random.Next(2) == 0);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Convolutions_have_the_bits_of_fused_scalar_sums(string kernel)
    {
        F32GemmKernels tiles = MicrokernelCases.SetOf(kernel).FloatGemm;
        var random = new Random(2);
        foreach (var shape in ConvolutionCases.All)
            Check(tiles, shape, random, threads: 1 + random.Next(3), residual: random.Next(2) == 0);
    }

    [SkippableTheory]
    [MemberData(nameof(Kernels))]
    public void Clamping_lets_what_is_not_a_number_pass(string kernel)
    {
        F32GemmKernels tiles = MicrokernelCases.SetOf(kernel).FloatGemm;
        float[] result = F32GemmRun.Run(tiles, ConvolutionShape.MatMul(1, 1, 3), new([float.NaN], [1f, 2f, 3f], [1f, 1f, 1f], [0f, 0f, 0f], Residual: null), 0, 6, threads: 1);
        Assert.All(result, value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void An_unknown_kernel_set_is_refused_by_name() =>
        Assert.Contains("'mmx'", Assert.Throws<InvalidOperationException>(() => MicrokernelCatalog.Select("mmx")).Message, StringComparison.Ordinal);

    private static void Check(F32GemmKernels tiles, ConvolutionShape shape, Random random, int threads, bool residual)
    {
        var operands = ConvolutionOperands.Random(shape, random, residual);
        float[] expected = operands.Convolve(shape, -1.5f, 2f);
        float[] actual = F32GemmRun.Run(tiles, shape, operands, -1.5f, 2f, threads);
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), actual.Select(BitConverter.SingleToInt32Bits));
    }
}
