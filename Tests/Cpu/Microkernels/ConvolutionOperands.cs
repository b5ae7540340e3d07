using TransformFramework.Cpu.Microkernels.Gemm;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>Operands of a float convolution, and what it makes of them by fused scalar operations in the order of the kernels.</summary>
internal sealed record ConvolutionOperands(float[] Input, float[] Weights, float[] Scale, float[] Bias, float[]? Residual)
{
    public static ConvolutionOperands Random(ConvolutionShape shape, Random random, bool hasResidual)
    {
        return new(
            Numbers(shape.Batch * shape.Height.Input * shape.Width.Input * shape.InputChannels),
            Numbers(shape.Height.Size * shape.Width.Size * shape.InputChannels * shape.OutputChannels),
            Numbers(shape.OutputChannels),
            Numbers(shape.OutputChannels),
            hasResidual ? Numbers(shape.Rows * shape.OutputChannels) : null);

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    /// <summary>Sums over taps and channels, clamped.</summary>
    /// <param name="shape">The convolution.</param>
    /// <param name="low">Lower bound of the results.</param>
    /// <param name="high">Upper bound of the results.</param>
    /// <param name="round">Rounds inputs and scaled weights; null for none.</param>
    /// <param name="swapsPairs">Whether the second channel of a pair comes first.</param>
    public float[] Convolve(ConvolutionShape shape, float low, float high, Func<float, float>? round = null, bool swapsPairs = false)
    {
        round ??= value => value;
        float[] output = new float[shape.Rows * shape.OutputChannels];
        for (int i = 0; i < output.Length; i++)
        {
            int n = i % shape.OutputChannels;
            float sum = Bias[n];
            foreach (var (pixel, tap) in ConvolutionCases.Taps(shape, i / shape.OutputChannels))
            {
                for (int c = 0; c < shape.InputChannels; c++)
                {
                    int channel = swapsPairs ? c ^ 1 : c;
                    float weight = Weights[(((tap * shape.InputChannels) + channel) * shape.OutputChannels) + n] * Scale[n];
                    sum = MathF.FusedMultiplyAdd(pixel < 0 ? 0 : round(Input[(pixel * shape.InputChannels) + channel]), round(weight), sum);
                }
            }
            output[i] = Math.Clamp(Residual is null ? sum : sum + Residual[i], low, high);
        }
        return output;
    }
}
