using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>Sound to mel spectrograms: frames around each step, window, RFFT, power, mel bands, decibels; bands × frames.</summary>
[KerasLayer("MelSpectrogram")]
internal sealed class SpectrogramLayer : Layer
{
    private readonly int fftLength;
    private readonly int stride;
    private readonly int length;
    private readonly string window;
    private readonly int bands;

    public SpectrogramLayer(LayerSource source)
        : base(source)
    {
        fftLength = Bounded("fft_length", 2048);
        stride = Bounded("sequence_stride", 512);
        length = Configuration.Has("sequence_length") ? Bounded("sequence_length", 2048) : fftLength;
        window = Configuration.Word("window", "hann", "hann", "hamming");
        bands = Bounded("num_mel_bins", 128);
        if (length > fftLength)
            throw KerasException.Configuration($"{Configuration.Owner}: sequence_length {length} is above fft_length {fftLength}");
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = graph.Cast(call.Input, DataType.Float);
        bool isSingle = x.Rank == 1;
        if (isSingle)
            x = graph.ExpandDims(x, 0);
        int half = fftLength / 2;
        if (x.KnownDimension(-1) <= half)
            throw KerasException.Configuration($"{x.KnownDimension(-1)} samples are too few for frames of {fftLength}");
        Symbol padded = graph.Pad(x, [.. Enumerable.Repeat((0L, 0L), x.Rank - 1), (half, half)], "MirrorPad", mirror: "REFLECT");
        Symbol frames = graph.Multiply(Frames(graph, padded), graph.Vector("window", DataType.Float, Window()));
        int bins = half + 1;
        Symbol spectrum = graph.Add("RFFT", "rfft", frames.Shape.With(frames.Rank - 1, bins), [frames, graph.Ints("rfft/fft_length", fftLength)], ("Treal", DataType.Float), ("Tcomplex", DataType.Complex64));
        Symbol power = graph.Add(graph.Unary("Square", Part("Real")), graph.Unary("Square", Part("Imag")));
        Symbol magnitude = graph.Binary("Pow", graph.Unary("Sqrt", power), graph.Scalar("Pow/y", DataType.Float, Configuration.Number("mag_exp", 2)));
        Symbol matrix = graph.Constant("mel_matrix", Tensors.Of(DataType.Float, TensorShape.Of(bins, bands), MelMatrix(bins)));
        ImmutableArray<Dimension> outer = graph.DimensionsOf(magnitude)[..^1];
        Symbol mel = graph.Reshape(graph.MatMul(graph.Reshape(magnitude, [-1, bins]), matrix), [.. outer, bands], "Reshape_1");
        if (Configuration.Flag("power_to_db", true))
            mel = Decibels(graph, mel);
        Symbol y = graph.Transpose(mel, [.. Enumerable.Range(0, mel.Rank - 2), mel.Rank - 1, mel.Rank - 2]);
        return [isSingle ? graph.Squeeze(y, [0]) : y];

        Symbol Part(string op) => graph.Add(op, op, spectrum.Shape, [spectrum], ("T", DataType.Complex64), ("Tout", DataType.Float));
    }

    /// <summary>The frames that begin at each step.</summary>
    private Symbol Frames(GraphBuilder graph, Symbol x)
    {
        long samples = x.KnownDimension(-1);
        int count = samples < fftLength ? 0 : checked((int)((samples - fftLength) / stride) + 1);
        if (count == 0 || (long)count * fftLength > 1 << 26)
            throw KerasException.Configuration($"{samples} samples make {count} frames of {fftLength}");
        int[] indices = new int[count * fftLength];
        for (int i = 0; i < indices.Length; i++)
            indices[i] = (i / fftLength * stride) + (i % fftLength);
        return graph.Gather(x, graph.Constant("frame/indices", Tensor.Create<int>(DataType.Int32, TensorShape.Of(count, fftLength), indices)), x.Rank - 1, "frame/GatherV2");
    }

    /// <summary>The periodic window in the middle of a frame.</summary>
    private IEnumerable<double> Window()
    {
        int left = (fftLength - length) / 2;
        (double a, double b) = window == "hann" ? (0.5, 0.5) : (0.54, 0.46);
        for (int i = 0; i < fftLength; i++)
        {
            int at = i - left;
            yield return at < 0 || at >= length ? 0 : a - (b * Math.Cos(2 * Math.PI * at / length));
        }
    }

    /// <summary>Triangles that overlap by half, equally wide in mel (1127 · ln(1 + f / 700)).</summary>
    private double[] MelMatrix(int bins)
    {
        double rate = Configuration.Number("sampling_rate", 16000);
        double low = Mel(Configuration.Number("min_freq", 20));
        double high = Mel(Configuration.Optional("max_freq") ?? rate / 2);
        double[] matrix = new double[bins * bands];
        for (int bin = 1; bin < bins; bin++)
        {
            double mel = Mel(bin * (rate / 2) / (bins - 1));
            for (int band = 0; band < bands; band++)
            {
                double start = Edge(band);
                double center = Edge(band + 1);
                double end = Edge(band + 2);
                matrix[(bin * bands) + band] = Math.Max(0, Math.Min((mel - start) / (center - start), (end - mel) / (end - center)));
            }
        }
        return matrix;

        double Edge(int number) => low + ((high - low) * number / (bands + 1));

        static double Mel(double frequency) => 1127 * Math.Log(1 + (frequency / 700));
    }

    private Symbol Decibels(GraphBuilder graph, Symbol x)
    {
        double least = Configuration.Number("min_power", 1e-10);
        double reference = 10 * Math.Log10(Math.Max(least, Configuration.Number("ref_power", 1)));
        Symbol logarithm = graph.Unary("Log", graph.Binary("Maximum", x, graph.Scalar("Maximum/y", x.Type, least)));
        Symbol decibels = graph.Multiply(logarithm, 10 / Math.Log(10));
        if (reference != 0)
            decibels = graph.Subtract(decibels, reference);
        Symbol highest = graph.Reduce("Max", decibels, ReductionOps.AllAxes(decibels));
        return graph.Binary("Maximum", decibels, graph.Subtract(highest, Configuration.Number("top_db", 80), "floor"), "Maximum_1");
    }

    private int Bounded(string key, int fallback) => Configuration.Count(key, fallback) is <= 1 << 20 and var value ? (int)value : throw Configuration.Wrong(key, string.Create(CultureInfo.InvariantCulture, $"a size up to {1 << 20}"));
}
