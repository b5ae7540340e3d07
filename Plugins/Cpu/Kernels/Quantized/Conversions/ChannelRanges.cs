using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Conversions;

/// <summary>Symmetric ranges of the channels of a tensor, its last dimension, as oneDNN builds of TensorFlow have them.</summary>
internal static class ChannelRanges
{
    /// <summary>Length of the last dimension.</summary>
    public static int ChannelsOf(Tensor input) => input.Shape.Rank > 0 ? (int)input.Shape[input.Shape.Rank - 1] : throw Refuse.Invalid("input must have a last dimension, but is a scalar");

    /// <summary>The largest magnitude of each channel's range out of two neighbouring inputs; a single element counts for all channels.</summary>
    public static float[] Magnitudes(IReadOnlyList<Tensor> inputs, int at, int channels)
    {
        Tensor mins = inputs[at];
        Tensor maxes = inputs[at + 1];
        if (mins.ElementCount != maxes.ElementCount || (mins.ElementCount != 1 && mins.ElementCount != channels))
            throw Refuse.Invalid($"inputs {at} and {at + 1} must have one element or one for each of the {channels} channels, but have shapes {mins.Shape} and {maxes.Shape}");
        float[] magnitudes = new float[channels];
        for (int i = 0; i < channels; i++)
        {
            int from = mins.ElementCount == 1 ? 0 : i;
            magnitudes[i] = new QuantizationRange(mins.AsSpan<float>()[from], maxes.AsSpan<float>()[from]).Flushed.Magnitude;
        }
        return magnitudes;
    }

    /// <summary>8-bit values of rounded real values, held between the given ends; NaN gives 0.</summary>
    public static Tensor Saturate(ReadOnlySpan<float> rounded, TensorShape shape, DataType type, float lowest, float highest)
    {
        if (type == DataType.QInt8)
        {
            Tensor signed = Tensor.Allocate<sbyte>(type, shape, out var signedValues);
            for (int i = 0; i < signedValues.Length; i++)
                signedValues[i] = (sbyte)Math.Clamp(rounded[i], lowest, highest);
            return signed;
        }
        Tensor unsigned = Tensor.Allocate<byte>(type, shape, out var quantized);
        for (int i = 0; i < quantized.Length; i++)
            quantized[i] = (byte)Math.Clamp(rounded[i], lowest, highest);
        return unsigned;
    }
}
