using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Static.Moments;
using TransformFramework.Quantization.Static.Rounding;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static.Samples;

/// <summary>
/// Weights of layers that compute in float, rounded for the data that samples show, and what their rounding adds to the mean of each channel. Data are looked at in 8 bits, which suffices for their moments.
/// </summary>
/// <param name="graph">The float graph.</param>
/// <param name="samples">What the samples feed.</param>
/// <param name="feedsErrorsBack">Whether weights are rounded by GPTQ, else to nearest.</param>
/// <param name="sweeps">How often all weights rounded by GPTQ are looked at again.</param>
/// <param name="perChannel">One range for each output channel.</param>
/// <param name="context">The run.</param>
internal sealed class WeightOnlyRounding(Graph graph, ImmutableArray<Dictionary<string, Tensor>> samples, bool feedsErrorsBack, int sweeps, bool perChannel, TransformContext context)
{
    /// <summary>Bytes of moments that are in memory at a time; layers are taken in groups of so many.</summary>
    private const long MostBytes = 1L << 29;

    /// <summary>The rounded layers by the name of their op.</summary>
    public Dictionary<string, RoundedLayer> Run(IEnumerable<FusedLayer> layers)
    {
        var rounded = new Dictionary<string, RoundedLayer>(StringComparer.Ordinal);
        foreach (var (planned, moments) in Moments(layers))
        {
            if (moments.FitData)
                rounded[planned.Layer.Op.Node.Name] = Round(planned, moments);
        }
        return rounded;
    }

    /// <summary>What layers read, in steps of a range of their own, and its moments. As many layers are taken at a time as fit into memory.</summary>
    public IEnumerable<(PlannedLayer Planned, InputMoments Moments)> Moments(IEnumerable<FusedLayer> layers) => Groups(layers).SelectMany(MomentsOf);

    /// <summary>Whether weights are rounded by GPTQ.</summary>
    public bool FeedsErrorsBack => feedsErrorsBack;

    /// <summary>How often all weights rounded by GPTQ are looked at again.</summary>
    public int Sweeps => sweeps;

    private static IEnumerable<FusedLayer[]> Groups(IEnumerable<FusedLayer> layers)
    {
        var group = new List<FusedLayer>();
        long bytes = 0;
        foreach (FusedLayer layer in layers)
        {
            long inputs = layer.Op.Weights.ElementCount / layer.Op.OutputChannels;
            long size = layer.IsDepthwise ? inputs * inputs * layer.Op.InputChannels * sizeof(double) : inputs * inputs * sizeof(double);
            if (group.Count > 0 && bytes + size > MostBytes)
            {
                yield return [.. group];
                (group, bytes) = ([], 0);
            }
            group.Add(layer);
            bytes += size;
        }
        if (group.Count > 0)
            yield return [.. group];
    }

    private (PlannedLayer Planned, InputMoments Moments)[] MomentsOf(FusedLayer[] layers)
    {
        string[] data = [.. layers.Select(layer => layer.Data.Canonical)];
        IExecutable executable = context.Backend!.Compile(graph, data, new CompileOptions { Feeds = [.. samples[0].Keys], Threads = 1 });
        float[] ends = new float[layers.Length];
        foreach (float[] seen in SampleRuns.InOrder(samples, sample => executable.Run(sample, context.Cancellation).Select(LargestOf).ToArray(), context.Cancellation))
        {
            for (int i = 0; i < ends.Length; i++)
                ends[i] = Math.Max(ends[i], seen[i]);
        }
        PlannedLayer[] planned = [.. layers.Select((layer, i) => new PlannedLayer(layer, ActivationRange.Of(-ends[i], ends[i]) with { IsSigned = true }, null, null))];
        InputMoments[] moments = [.. planned.Select(layer => InputMoments.Of(layer, context.Cancellation))];
        foreach (var values in SampleRuns.InOrder(samples, sample => executable.Run(sample, context.Cancellation), context.Cancellation))
        {
            for (int i = 0; i < moments.Length; i++)
                moments[i].Add(Rounded(values[i], planned[i]));
        }
        return [.. planned.Zip(moments)];
    }

    private RoundedLayer Round(PlannedLayer planned, InputMoments moments)
    {
        FusedLayer layer = planned.Layer;
        var filter = QuantizedFilter.Of(LayerQuantizer.Filter(layer), new float[layer.Bias.Length], planned.Input, perChannel, Saturation.Allow, layer.IsDepthwise);
        bool hasBias = layer.Members.Any(member => member.Op == "BiasAdd");
        int groups = layer.IsDepthwise ? layer.Op.InputChannels : 1;
        if (feedsErrorsBack)
            filter = ErrorFeedback.Round(filter, moments, new(Saturation.Allow, IsSigned: true, 1), hasBias, zeroPoint: 0, groups, sweeps, context.Cancellation);
        return new(filter, MeanErrors(filter, planned, moments));
    }

    private static float[] MeanErrors(QuantizedFilter filter, PlannedLayer planned, InputMoments moments)
    {
        int columns = planned.Layer.Bias.Length;
        double[] errors = new double[columns];
        ReadOnlySpan<float> weights = filter.Weights.AsSpan<float>();
        ReadOnlySpan<sbyte> values = filter.Values.AsSpan<sbyte>();
        int width = planned.Layer.IsDepthwise ? columns / planned.Layer.Op.InputChannels : columns;
        for (int i = 0; i < weights.Length; i++)
            errors[i % columns] += (filter.RealValue(i, values[i]) - (double)weights[i]) * moments.Mean(i % columns / width, i / columns) * planned.Input.Scale;
        return [.. errors.Select(error => (float)error)];
    }

    private static float LargestOf(Tensor values)
    {
        float largest = 0;
        foreach (float value in values.AsSpan<float>())
            largest = float.IsFinite(value) ? Math.Max(largest, Math.Abs(value)) : largest;
        return largest;
    }

    /// <summary>What a layer reads as quantized values; a product's data as rows of its inputs.</summary>
    private static Tensor Rounded(Tensor values, PlannedLayer planned)
    {
        ActivationRange range = planned.Input;
        int inputs = planned.Layer.Op.InputChannels;
        TensorShape shape = planned.Layer.IsMatMul && values.ElementCount % inputs == 0 ? TensorShape.Of(values.ElementCount / inputs, inputs) : values.Shape;
        Tensor rounded = Tensor.Allocate<sbyte>(DataType.QInt8, shape, out var elements);
        ReadOnlySpan<float> real = values.AsSpan<float>();
        float steps = range.Levels / range.End;
        for (int i = 0; i < real.Length; i++)
            elements[i] = float.IsFinite(real[i]) ? (sbyte)Math.Clamp(MathF.Round(real[i] * steps), -range.Levels, range.Levels) : (sbyte)0;
        return rounded;
    }
}

/// <summary>A layer's weights in 8 bits.</summary>
/// <param name="Filter">The weights.</param>
/// <param name="MeanErrors">What their rounding adds to the mean of each channel.</param>
internal sealed record RoundedLayer(QuantizedFilter Filter, float[] MeanErrors);
