using TransformFramework.Graphs;
using TransformFramework.Quantization.Static.Rounding;

namespace TransformFramework.Quantization.Static;

/// <summary>Which weights a filter may hold, so that processors without VNNI compute with it as others do.</summary>
internal enum Saturation
{
    /// <summary>All from -127 to 127.</summary>
    Allow,

    /// <summary>Two neighbours of one sign are 128 at most in sum, so that their products with unsigned data fit into 16 bits.</summary>
    AvoidPairs,

    /// <summary>From -64 to 64 for unsigned data; even ones for signed data.</summary>
    SevenBits,
}

/// <summary>Weights as signed integers, symmetric, with one range for each output channel or one for all.</summary>
/// <param name="Weights">The weights before rounding; output channels are the fastest dimension, or the fastest two.</param>
/// <param name="Values">The quantized values, qint8, in the shape of the weights.</param>
/// <param name="Ends">End of each output channel's range, or the one of all: the real value of 127.</param>
/// <param name="LeastEnds">The smallest ends with which the biases fit.</param>
internal sealed record QuantizedFilter(Tensor Weights, Tensor Values, float[] Ends, float[] LeastEnds)
{
    public const int Levels = 127;
    public const int SevenBitLevels = 64;
    private const int LargestPair = 128;

    /// <summary>The largest magnitude of a quantized bias: with the products of a layer it stays well within 32 bits.</summary>
    private const double LargestBias = 1 << 30;

    /// <summary>Rounds weights.</summary>
    /// <param name="weights">Finite weights.</param>
    /// <param name="bias">The layer's bias, for which the ranges leave room.</param>
    /// <param name="input">Parameters of the layer's data.</param>
    /// <param name="perChannel">One range a channel.</param>
    /// <param name="saturation">Which values are allowed.</param>
    /// <param name="isDepthwise">True for a filter of [height, width, channels, multiplier], false for one of [height, width, inputs, channels].</param>
    public static QuantizedFilter Of(Tensor weights, ReadOnlySpan<float> bias, ActivationRange input, bool perChannel, Saturation saturation, bool isDepthwise)
    {
        int channels = bias.Length;
        ReadOnlySpan<float> values = weights.AsSpan<float>();
        float[] ends = SmallestRanges(values, channels, saturation, input);
        if (saturation == Saturation.AvoidPairs)
            WidenForPairs(ends, values, (int)weights.Shape[isDepthwise ? 1 : 2]);
        float largest = ends.Max();
        float[] least = new float[channels];
        for (int i = 0; i < channels; i++)
        {
            least[i] = EndForBias(bias[i], input);
            ends[i] = Math.Max(ends[i] > 0 ? ends[i] : largest > 0 ? largest : 1, least[i]);
        }
        if (!perChannel)
            (ends, least) = ([ends.Max()], [least.Max()]);
        Tensor rounded = Tensor.Allocate<sbyte>(DataType.QInt8, weights.Shape, out var elements);
        int step = new AllowedWeights(saturation, input.IsSigned, 1).Step;
        for (int i = 0; i < elements.Length; i++)
            elements[i] = Rounded(values[i] * (Levels / ends[i % ends.Length]), step);
        return new(weights, rounded, ends, least);
    }

    /// <summary>The ends multiplied by a factor, as far as the biases allow.</summary>
    public float[] EndsTimes(float factor) => [.. Ends.Zip(LeastEnds, (end, least) => Math.Max(end * factor, Math.Min(end, least)))];

    /// <summary>The real value of one step of a channel's accumulator, computed in double.</summary>
    public double UnitOf(int channel, ActivationRange input) => input.Scale * Ends[channel % Ends.Length] / Levels;

    /// <summary>The bias in units of the accumulators, as whole numbers.</summary>
    public int[] BiasUnits(ReadOnlySpan<float> bias, ActivationRange input)
    {
        int[] units = new int[bias.Length];
        for (int i = 0; i < units.Length; i++)
            units[i] = (int)Math.Round(bias[i] / UnitOf(i, input));
        return units;
    }

    /// <summary>The real value of a quantized weight.</summary>
    public float RealValue(int element, sbyte value) => value * (Ends[element % Ends.Length] / Levels);

    /// <summary>The smallest range of each channel that holds its weights as allowed values.</summary>
    private static float[] SmallestRanges(ReadOnlySpan<float> values, int channels, Saturation saturation, ActivationRange input)
    {
        float[] ends = new float[channels];
        for (int i = 0; i < values.Length; i++)
            ends[i % channels] = Math.Max(ends[i % channels], Math.Abs(values[i]));
        if (saturation == Saturation.SevenBits && !input.IsSigned)
        {
            for (int i = 0; i < channels; i++)
                ends[i] *= (float)Levels / SevenBitLevels;
        }
        return ends;
    }

    /// <summary>Runtimes multiply two neighbours along a window at a time, counted from its first input or from the first of each position.</summary>
    private static void WidenForPairs(Span<float> ends, ReadOnlySpan<float> values, int inputsOfPosition)
    {
        int channels = ends.Length;
        for (int i = channels; i < values.Length; i++)
        {
            int row = i / channels;
            bool isPair = row % 2 == 1 || row % inputsOfPosition % 2 == 1;
            if (isPair && values[i] * values[i - channels] > 0)
                ends[i % channels] = Math.Max(ends[i % channels], Math.Abs(values[i] + values[i - channels]) * Levels / LargestPair);
        }
    }

    private static sbyte Rounded(float steps, int step) => (sbyte)(step * Math.Clamp(MathF.Round(steps / step), -(Levels / step), Levels / step));

    /// <summary>The least end with which a bias fits into 32 bits.</summary>
    private static float EndForBias(float bias, ActivationRange input) => (float)(Math.Abs(bias) * (double)input.Levels * Levels / (input.End * LargestBias));
}
