using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Plans.Operators.WideProducts;

/// <summary>How accumulators become real results: clamp(float(accumulator) · scale + offset), each step rounded, with the same bits on every processor.</summary>
/// <param name="scales">Factor of each channel.</param>
/// <param name="offsets">Added to each channel.</param>
/// <param name="low">Smallest result.</param>
/// <param name="high">Largest result.</param>
internal sealed unsafe class WideResults(float[] scales, float[] offsets, float low, float high)
{
    private readonly AlignedMemory scaleMemory = AlignedMemory.Of<float>(scales);
    private readonly AlignedMemory offsetMemory = AlignedMemory.Of<float>(offsets);

    /// <summary>The results of a product of quantized values by quantized weights and of what follows it.</summary>
    /// <param name="post">What follows the product.</param>
    /// <param name="step">What a quantized value of the data counts.</param>
    /// <param name="weightScales">What one of each channel's weights counts.</param>
    public static WideResults Of(PostOps post, float step, float[] weightScales)
    {
        float[] scales = [.. weightScales.Select((scale, c) => (float)((double)step * scale * (post.Scale?[c] ?? 1)))];
        return new(scales, post.OffsetOrNothing(), post.Low, post.High);
    }

    /// <summary>Stores the results of accumulators of 32 bits.</summary>
    public void Store(int* accumulators, int channel, int count, float* target)
    {
        float* scale = (float*)scaleMemory.Pointer + channel;
        float* offset = (float*)offsetMemory.Pointer + channel;
        int i = 0;
        for (; i + Vector256<float>.Count <= count; i += Vector256<float>.Count)
        {
            Vector256<float> real = (Vector256.ConvertToSingle(Vector256.Load(accumulators + i)) * Vector256.Load(scale + i)) + Vector256.Load(offset + i);
            Vector256.Min(Vector256.Max(real, Vector256.Create(low)), Vector256.Create(high)).Store(target + i);
        }
        for (; i < count; i++)
            target[i] = Held(((float)accumulators[i] * scale[i]) + offset[i]);
    }

    /// <summary>Stores the results of accumulators of more bits, whole numbers below 2⁵³.</summary>
    public void Store(double* accumulators, int channel, int count, float* target)
    {
        float* scale = (float*)scaleMemory.Pointer + channel;
        float* offset = (float*)offsetMemory.Pointer + channel;
        for (int i = 0; i < count; i++)
            target[i] = Held(((float)accumulators[i] * scale[i]) + offset[i]);
    }

    private float Held(float value) => Math.Min(Math.Max(value, low), high);
}
