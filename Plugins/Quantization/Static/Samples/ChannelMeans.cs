using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Static.Samples;

/// <summary>Means of channels, and the share of values that an activation does not cut.</summary>
/// <param name="channels">Number of channels, the last dimension.</param>
/// <param name="low">What the activation cuts below.</param>
/// <param name="high">What it cuts above.</param>
internal sealed class ChannelMeans(int channels, float low, float high)
{
    private readonly double[] sums = new double[channels];
    private readonly long[] inside = new long[channels];
    private long positions;

    /// <summary>Share of values between the ends, a channel.</summary>
    public float[] Shares => [.. inside.Select(count => (float)count / Math.Max(1, positions))];

    /// <summary>Means of one tensor.</summary>
    public static ChannelMeans Of(Tensor values, int channels, float low, float high)
    {
        var means = new ChannelMeans(channels, low, high);
        means.Add(values.AsSpan<float>());
        return means;
    }

    /// <summary>Takes in what another has.</summary>
    public void Add(ChannelMeans other)
    {
        for (int c = 0; c < channels; c++)
        {
            sums[c] += other.sums[c];
            inside[c] += other.inside[c];
        }
        positions += other.positions;
    }

    /// <summary>How much larger a channel's mean is than another's.</summary>
    public float Less(ChannelMeans other, int channel) => (float)((sums[channel] / Math.Max(1, positions)) - (other.sums[channel] / Math.Max(1, other.positions)));

    private void Add(ReadOnlySpan<float> values)
    {
        for (; values.Length >= channels; values = values[channels..])
        {
            for (int c = 0; c < channels; c++)
            {
                float value = values[c];
                sums[c] += value;
                inside[c] += value > low && value < high ? 1 : 0;
            }
            positions++;
        }
    }
}
