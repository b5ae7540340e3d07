using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Audio;

/// <summary>Mel-frequency cepstral coefficients of squared spectra [channels, windows, bins]: triangular filters on the mel scale, logarithm, cosine transform.</summary>
[Kernel("Mfcc")]
internal sealed class Mfcc : IKernel
{
    private const double Floor = 1e-12;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [node.Shapes[0].Rank == 3 ? TensorShape.Of(node.Shapes[0][0], node.Shapes[0][1], node.Node.Int("dct_coefficient_count")) : TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor spectrogram = call.Inputs[0];
        if (spectrogram.Shape.Rank != 3)
            throw Refuse.Invalid($"spectrogram must be 3-dimensional{spectrogram.Shape}");
        int bins = (int)spectrogram.Shape[2];
        long rate = Integers.Scalar(call.Inputs[1], "sample_rate");
        int coefficients = call.Node.Int("dct_coefficient_count");
        var filters = new MelFilters(bins, rate, call.Node.Int("filterbank_channel_count"), call.Node.Float("lower_frequency_limit"), call.Node.Float("upper_frequency_limit"));
        if (!filters.IsUsable || coefficients < 1 || coefficients > filters.Count)
            throw Refuse.Invalid($"Mfcc initialization failed for channel count {bins} and sample rate {rate}");
        ReadOnlySpan<float> spectra = spectrogram.AsSpan<float>();
        Tensor result = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(spectrogram.Shape[0], spectrogram.Shape[1], coefficients), out var cepstra);
        for (int i = 0; i < cepstra.Length / coefficients; i++)
        {
            double[] mel = filters.Apply(spectra.Slice(i * bins, bins));
            for (int m = 0; m < mel.Length; m++)
                mel[m] = Math.Log(Math.Max(mel[m], Floor));
            Transform(mel, cepstra.Slice(i * coefficients, coefficients));
        }
        return [result];
    }

    private static void Transform(double[] mel, Span<float> result)
    {
        double norm = Math.Sqrt(2.0 / mel.Length);
        double step = Math.PI / mel.Length;
        for (int i = 0; i < result.Length; i++)
        {
            double sum = 0;
            for (int j = 0; j < mel.Length; j++)
                sum += norm * Math.Cos(i * step * (j + 0.5)) * mel[j];
            result[i] = (float)sum;
        }
    }
}

/// <summary>Overlapping triangular filters of equal width on the mel scale, mel = 1127·ln(1 + f / 700).</summary>
internal sealed class MelFilters
{
    private readonly double[] weights;
    private readonly int[] lowerFilter;
    private readonly int first;
    private readonly int last;

    public MelFilters(int bins, long rate, int count, double lowest, double highest)
    {
        Count = count;
        weights = new double[bins];
        lowerFilter = new int[bins];
        IsUsable = bins >= 2 && rate > 0 && count >= 1 && lowest >= 0 && highest > lowest;
        if (!IsUsable)
            return;
        double width = 0.5 * rate / (bins - 1);
        first = (int)(1.5 + (lowest / width));
        last = Math.Min((int)(highest / width), bins - 1);
        double low = Mel(lowest);
        double spacing = (Mel(highest) - low) / (count + 1);
        double[] centres = [.. Enumerable.Range(1, count + 1).Select(i => low + (spacing * i))];
        int filter = 0;
        for (int i = first; i <= last; i++)
        {
            double mel = Mel(i * width);
            while (filter < count && centres[filter] < mel)
                filter++;
            lowerFilter[i] = filter - 1;
            weights[i] = filter > 0 ? (centres[filter] - mel) / (centres[filter] - centres[filter - 1]) : (centres[0] - mel) / (centres[0] - low);
        }
    }

    /// <summary>Number of filters.</summary>
    public int Count { get; }

    /// <summary>False for limits or sizes that give no filters.</summary>
    public bool IsUsable { get; }

    /// <summary>What passes each filter of a squared spectrum's magnitudes.</summary>
    public double[] Apply(ReadOnlySpan<float> squared)
    {
        double[] passed = new double[Count];
        for (int i = first; i <= last; i++)
        {
            double magnitude = Math.Sqrt(squared[i]);
            double weighted = magnitude * weights[i];
            int filter = lowerFilter[i];
            if (filter >= 0)
                passed[filter] += weighted;
            if (filter + 1 < Count)
                passed[filter + 1] += magnitude - weighted;
        }
        return passed;
    }

    private static double Mel(double frequency) => 1127 * Math.Log(1 + (frequency / 700));
}
