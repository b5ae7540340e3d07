using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Static;

/// <summary>Weights as signed codes from -127 to 127, with one range for each output channel or one for all; and the bias in units of the products.</summary>
internal sealed class QuantizedFilter
{
    private const float Levels = 127;

    /// <summary>The largest bias code: with the products of a layer it stays well within 32 bits.</summary>
    private const double MostBias = 1 << 30;

    private QuantizedFilter(Tensor weights, Tensor codes, float[] ends)
    {
        Weights = weights;
        Codes = codes;
        Ends = ends;
    }

    /// <summary>The weights before rounding.</summary>
    public Tensor Weights { get; }

    /// <summary>qint8 codes in the shape of the weights.</summary>
    public Tensor Codes { get; }

    /// <summary>End of each output channel's range, or the one of all.</summary>
    public float[] Ends { get; }

    /// <summary>Rounds weights, whose output channels are the fastest dimension, or the fastest two.</summary>
    /// <param name="weights">Finite weights.</param>
    /// <param name="channels">Number of output channels.</param>
    /// <param name="perChannel">One range a channel.</param>
    /// <param name="smallestEnd">Least end of each channel's range.</param>
    public static QuantizedFilter Of(Tensor weights, int channels, bool perChannel, ReadOnlySpan<float> smallestEnd)
    {
        ReadOnlySpan<float> values = weights.AsSpan<float>();
        float[] ends = new float[channels];
        for (int i = 0; i < values.Length; i++)
            ends[i % channels] = Math.Max(ends[i % channels], Math.Abs(values[i]));
        float largest = ends.Max();
        for (int i = 0; i < channels; i++)
            ends[i] = Math.Max(ends[i] > 0 ? ends[i] : largest > 0 ? largest : 1, smallestEnd[i]);
        if (!perChannel)
            ends = [ends.Max()];
        Tensor codes = Tensor.Allocate<sbyte>(DataType.QInt8, weights.Shape, out var elements);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = (sbyte)Math.Clamp(MathF.Round(values[i] * (Levels / ends[i % ends.Length])), -Levels, Levels);
        return new(weights, codes, ends);
    }

    /// <summary>The least ends with which every bias fits into 32 bits.</summary>
    public static float[] SmallestEnds(ReadOnlySpan<float> bias, ActivationRange input)
    {
        float[] ends = new float[bias.Length];
        for (int i = 0; i < ends.Length; i++)
            ends[i] = (float)(Math.Abs(bias[i]) * (double)input.Levels * Levels / (input.End * MostBias));
        return ends;
    }

    /// <summary>The bias in units of the products, qint32.</summary>
    public Tensor BiasCodes(ReadOnlySpan<float> bias, ActivationRange input)
    {
        Tensor result = Tensor.Allocate<int>(DataType.QInt32, TensorShape.Of(bias.Length), out var codes);
        for (int i = 0; i < codes.Length; i++)
            codes[i] = (int)Math.Round(bias[i] * ((double)input.Levels * Levels / ((double)input.End * Ends[i % Ends.Length])));
        return result;
    }

    /// <summary>The number that the code of an element stands for.</summary>
    public float NumberOf(int element, sbyte code) => code * (Ends[element % Ends.Length] / Levels);
}
