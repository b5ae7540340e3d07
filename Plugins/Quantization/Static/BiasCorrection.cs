using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Static;

/// <summary>
/// What rounded weights add to the mean of each output channel, taken off the bias: the sum of each weight's rounding error times the mean of its input channel
/// (M. Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019, section 4.2).
/// </summary>
internal static class BiasCorrection
{
    /// <summary>Attribute of a weighted node: the mean of each input channel, a list of floats. TensorFlow does not look at names that begin with an underscore.</summary>
    public const string MeansAttribute = "_input_means";

    /// <summary>The bias of a layer, corrected where its node has the means of its input channels or calibration saw them.</summary>
    public static ImmutableArray<float> Apply(FusedLayer layer, QuantizedFilter filter, float[]? seen)
    {
        if ((MeansOf(layer.Op.Node) ?? seen) is not { } means || !layer.Op.Takes(means.Length))
            return layer.Bias;
        ReadOnlySpan<float> weights = filter.Weights.AsSpan<float>();
        ReadOnlySpan<sbyte> values = filter.Values.AsSpan<sbyte>();
        int columns = layer.Bias.Length;
        double[] errors = new double[columns];
        for (int i = 0; i < weights.Length; i++)
            errors[i % columns] += (filter.RealValue(i, values[i]) - (double)weights[i]) * means[InputChannel(layer, i, columns, means.Length)];
        return [.. layer.Bias.Zip(errors, (bias, error) => (float)(bias - error))];
    }

    /// <summary>The means that a weighted node declares, or null.</summary>
    public static float[]? MeansOf(Node node) =>
        node.Attributes.TryGetValue(MeansAttribute, out var value) && value is ListValue list && list.Items.All(item => item is FloatValue)
            ? [.. list.Items.Select(item => ((FloatValue)item).Value)]
            : null;

    /// <summary>Filters are [height, width, channels of a group, columns], depthwise ones [height, width, channels, multiplier].</summary>
    private static int InputChannel(FusedLayer layer, int element, int columns, int channels)
    {
        if (layer.IsDepthwise)
            return element % columns / (columns / channels);
        int inputs = layer.Op.InputChannels;
        int group = element % columns / (columns * inputs / channels);
        return (group * inputs) + (element / columns % inputs);
    }
}
