using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>What samples look like before a graph is calibrated on them, and what a beginner may have missed.</summary>
public sealed class SampleSurvey
{
    private const int Few = 8;
    private const int MostSurveyed = 256;

    private SampleSurvey(IReadOnlyDictionary<string, Tensor>? first, ImmutableArray<Diagnostic> warnings)
    {
        First = first;
        Warnings = warnings;
    }

    /// <summary>The first sample; null when there is none.</summary>
    public IReadOnlyDictionary<string, Tensor>? First { get; }

    /// <summary>Samples that are too few, all alike, or colour values where the graph scales nothing.</summary>
    public ImmutableArray<Diagnostic> Warnings { get; }

    /// <summary>Looks at the first samples, at most 256.</summary>
    /// <exception cref="FeedException">A sample cannot be read, or holds NaN.</exception>
    public static SampleSurvey Of(Graph graph, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, Tensor>? first = null;
        var ranges = new Dictionary<string, Range>(StringComparer.Ordinal);
        int count = 0;
        bool areAlike = true;
        foreach (var sample in samples.Take(MostSurveyed))
        {
            cancellation.ThrowIfCancellationRequested();
            first ??= sample;
            count++;
            areAlike &= sample.All(entry => first.TryGetValue(entry.Key, out Tensor? other) && entry.Value.ContentEquals(other));
            foreach (var (name, value) in sample.Where(entry => entry.Value.Type == DataType.Float))
                ranges[name] = ranges.GetValueOrDefault(name, Range.Empty).With(value.AsSpan<float>());
        }
        return new(first, [.. Found(graph, count, areAlike, ranges)]);
    }

    private static IEnumerable<Diagnostic> Found(Graph graph, int count, bool areAlike, Dictionary<string, Range> ranges)
    {
        if (count is > 0 and < Few)
            yield return WorkflowsDiagnostics.FewSamples.With($"there {(count == 1 ? "is one sample" : $"are {count} samples")}; ranges of so few may be too narrow") with { Suggestion = "A hundred typical ones are enough." };
        if (count > 1 && areAlike)
            yield return WorkflowsDiagnostics.SamplesAlike.With("all samples are alike") with { Suggestion = "Take different ones, as the model will meet them." };
        foreach (var (name, range) in ranges)
        {
            if (range.IsConstant)
                yield return WorkflowsDiagnostics.ConstantInput.With($"all values of the input '{name}' are {range.Max.ToString(CultureInfo.InvariantCulture)}") with { Node = name, Suggestion = "Check how the samples are read." };
            else if (Unscaled(graph, name, range) is { } unscaled)
                yield return unscaled;
        }
    }

    /// <summary>A warning when an input is fed colour values and the graph scales nothing; null otherwise.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">Name of the input.</param>
    /// <param name="sample">What the input is fed.</param>
    public static Diagnostic? Unscaled(Graph graph, string input, Tensor sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample.Type == DataType.Float ? Unscaled(graph, input, Range.Empty.With(sample.AsSpan<float>())) : null;
    }

    private static Diagnostic? Unscaled(Graph graph, string name, Range range) => range.LooksLikeColours && ReadsUnscaled(graph, name)
        ? WorkflowsDiagnostics.ColourValues.With($"the samples of '{name}' are numbers from 0 to {range.Max.ToString("F0", CultureInfo.InvariantCulture)}, colour values perhaps, and the graph does not scale them") with { Node = name, Suggestion = "Most nets take numbers from -1 to 1 or from 0 to 1: '?mean=127.5&scale=0.0078431' or '?divide=255' behind the path gives them." }
        : null;

    /// <summary>True when the first thing that is computed from an input is a layer with weights.</summary>
    private static bool ReadsUnscaled(Graph graph, string input)
    {
        var consumers = graph.ConsumersOf(new NodeInput(input).Node).Select(consumer => consumer.Node).ToList();
        return consumers.Count > 0 && consumers.TrueForAll(node => node.Op is "Conv2D" or "DepthwiseConv2dNative" or "MatMul" or "Pad");
    }

    /// <summary>Least and greatest of the values.</summary>
    private readonly record struct Range(float Min, float Max, bool AreWhole)
    {
        public static readonly Range Empty = new(float.PositiveInfinity, float.NegativeInfinity, AreWhole: true);

        public bool IsConstant => Min == Max;

        /// <summary>Colour values are whole, or resized, which leaves some near the largest.</summary>
        public bool LooksLikeColours => Min >= 0 && Max <= byte.MaxValue && Max > (AreWhole ? 32 : 128);

        public Range With(ReadOnlySpan<float> values)
        {
            var (min, max, areWhole) = this;
            foreach (float value in values)
            {
                min = Math.Min(min, value);
                max = Math.Max(max, value);
                areWhole &= value == MathF.Truncate(value);
            }
            return new(min, max, areWhole);
        }
    }
}
