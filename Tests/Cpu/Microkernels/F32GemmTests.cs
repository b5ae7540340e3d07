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
        float[] result = F32GemmRun.Run(tiles, ConvolutionShape.MatMul(1, 1, 3), [float.NaN], [1f, 2f, 3f], [1f, 1f, 1f], [0f, 0f, 0f], null, 0, 6, threads: 1);
        Assert.All(result, value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void An_unknown_kernel_set_is_refused_by_name() =>
        Assert.Contains("'mmx'", Assert.Throws<InvalidOperationException>(() => MicrokernelCatalog.Select("mmx")).Message, StringComparison.Ordinal);

    private static void Check(F32GemmKernels tiles, ConvolutionShape shape, Random random, int threads, bool residual)
    {
        float[] input = Random(random, shape.Batch * shape.Height.Input * shape.Width.Input * shape.InputChannels);
        float[] weights = Random(random, shape.Height.Size * shape.Width.Size * shape.InputChannels * shape.OutputChannels);
        float[] scale = Random(random, shape.OutputChannels);
        float[] bias = Random(random, shape.OutputChannels);
        float[]? added = residual ? Random(random, shape.Rows * shape.OutputChannels) : null;
        float[] expected = Reference(shape, input, weights, scale, bias, added, -1.5f, 2f);
        float[] actual = F32GemmRun.Run(tiles, shape, input, weights, scale, bias, added, -1.5f, 2f, threads);
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), actual.Select(BitConverter.SingleToInt32Bits));
    }

    private static float[] Reference(ConvolutionShape shape, float[] input, float[] weights, float[] scale, float[] bias, float[]? residual, float low, float high)
    {
        float[] output = new float[shape.Rows * shape.OutputChannels];
        for (int i = 0; i < output.Length; i++)
        {
            int n = i % shape.OutputChannels;
            float sum = bias[n];
            foreach (var (pixel, tap) in ConvolutionCases.Taps(shape, i / shape.OutputChannels))
            {
                for (int c = 0; c < shape.InputChannels; c++)
                {
                    float weight = weights[(((tap * shape.InputChannels) + c) * shape.OutputChannels) + n] * scale[n];
                    sum = MathF.FusedMultiplyAdd(pixel < 0 ? 0 : input[(pixel * shape.InputChannels) + c], weight, sum);
                }
            }
            output[i] = Math.Clamp(residual is null ? sum : sum + residual[i], low, high);
        }
        return output;
    }

    private static float[] Random(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
}
