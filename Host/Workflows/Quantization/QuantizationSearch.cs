using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Progress;

namespace TransformFramework.Workflows.Quantization;

/// <summary>Quantizes a graph in several ways, with and without equalization and by several range methods, and keeps what agrees best with the float graph.</summary>
/// <param name="quantization">How one graph is quantized.</param>
/// <param name="samples">Gives the samples from the first on.</param>
/// <param name="options">What is tried.</param>
/// <exception cref="ScriptException">The options' arguments are not ones of a script.</exception>
public sealed class QuantizationSearch(StaticQuantization quantization, Func<IEnumerable<IReadOnlyDictionary<string, Tensor>>> samples, QuantizeOptions options)
{
    private const int JudgedSamples = 100;
    private readonly QuantizeArguments arguments = QuantizeArguments.Parse(options.Arguments).WithDefaults();
    private readonly ImmutableArray<RangeMethod> methods = options.Method is { } method ? [method] : [RangeMethod.MeanSquaredError, RangeMethod.MinMax, RangeMethod.Percentile];
    private readonly ImmutableArray<bool> variants = options.Equalizes is { } equalizes ? [equalizes] : [false, true];

    /// <summary>Without ranges there is one way only.</summary>
    private IEnumerable<bool> Variants => arguments.NeedsRanges ? variants : variants.Take(1);

    /// <summary>The file that holds all samples, which the script may name if it has the form of a <see cref="SampleArchive"/>; null when there is none.</summary>
    public string? SampleFile { get; init; }

    /// <summary>Ranges of the prepared graphs that were found before, with and without equalization; null calibrates.</summary>
    public MeasuredRanges? Ranges { get; init; }

    /// <summary>Measures what <see cref="Ranges"/> takes.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="progress">Receives how many samples have been run.</param>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    public MeasuredRanges Measure(Graph graph, IProgress<WorkProgress>? progress) =>
        new(variants.Select(Script).ToDictionary(script => script.Equalizes, script => quantization.Measure(quantization.Prepare(graph, script).Graph!, samples(), progress)));

    /// <summary>The first attempt that no later one clearly beats in signal to noise against the float graph; its ranges are set to its choice.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="progress">Receives phases, samples and the best attempt so far.</param>
    /// <exception cref="PipelineException">A step fails.</exception>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    public QuantizationAttempt Best(Graph graph, IProgress<WorkProgress>? progress)
    {
        QuantizationAttempt? best = null;
        foreach (QuantizationAttempt attempt in Variants.Select(Script).SelectMany(script => Attempts(graph, script, new WithBest(progress, () => Describe(best)))))
        {
            if (best is null || attempt.Agreement.Noise.IsClearlyBetterThan(best.Agreement.Noise))
                best = attempt;
        }
        return Corrected(graph, best!, new WithBest(progress, () => Describe(best)));
    }

    /// <summary>The attempt with biases corrected by samples, where that agrees better or has to be kept.</summary>
    private QuantizationAttempt Corrected(Graph graph, QuantizationAttempt best, IProgress<WorkProgress> progress)
    {
        best.Ranges.Choice = best.Choice;
        if (Correction() is not { } archive)
            return best;
        progress.Report(new("correcting biases", 0, null));
        QuantizationScript script = quantization.Script(best.Script.Equalizes, ForSamples.With("samples", archive.Path).Text);
        PipelineResult result = quantization.Quantize(best.Prepared, StaticQuantization.ContentOf(best.Ranges), script, archive);
        Agreement agreement = Agreement.Measure(quantization.Backend, graph, result.Graph!, quantization.Outputs, samples().Take(JudgedSamples), quantization.Cancellation, progress);
        int prepared = best.Result.Steps.Length - result.Steps.Length;
        return arguments.IsGptq || agreement.Sqnr > best.Agreement.Sqnr
            ? best with { Script = script, Samples = archive, Agreement = agreement, Result = result with { Steps = [.. best.Result.Steps.Take(prepared), .. result.Steps] } }
            : best;
    }

    /// <summary>The arguments of the attempt that reads samples: weights alone are rounded for them, unless the user says otherwise.</summary>
    private QuantizeArguments ForSamples => arguments.IsWeightsOnly && arguments.Find("rounding") is null ? arguments.With("rounding", "gptq") : arguments;

    private QuantizationScript Script(bool equalizes) => quantization.Script(equalizes, (arguments.Find("samples") is null ? arguments.Without("rounding").Without("reconstruct") : arguments).Text);

    /// <summary>The samples by which the best attempt's biases are corrected; null when there is nothing to correct, or the samples are not ones to keep.</summary>
    private SampleArchive? Correction()
    {
        if (arguments.Find("samples") is not null || arguments.IsDynamic || (!options.CorrectsBiases && !arguments.IsGptq))
            return null;
        SampleArchive? archive = SampleArchive.Of(SampleFile, quantization.Inputs, samples(), quantization.SamplesPath);
        return archive is not null || !arguments.IsGptq ? archive : throw new FeedException("rounding=gptq needs samples of one row and one shape, at most 1 GiB");
    }

    private static string? Describe(QuantizationAttempt? best) => best is null ? null : string.Create(CultureInfo.InvariantCulture, $"{best.Agreement.Sqnr:F1} dB");

    private IEnumerable<QuantizationAttempt> Attempts(Graph graph, QuantizationScript script, IProgress<WorkProgress> progress)
    {
        PipelineResult prepared = quantization.Prepare(graph, script);
        RangeFile ranges = Ranges?[script.Equalizes] ?? quantization.Calibrate(prepared.Graph!, samples(), progress);
        RangeChoice[] choices = [.. methods.Take(arguments.NeedsRanges ? methods.Length : 1).Select(method => new RangeChoice(method) { Headroom = options.Headroom })];
        PipelineResult[] results = [.. choices.Select(choice => quantization.Quantize(prepared.Graph!, RangesBy(choice), script))];
        var agreements = Agreement.Measure(quantization.Backend, graph, [.. results.Select(result => result.Graph!)], quantization.Outputs, samples().Take(JudgedSamples), quantization.Cancellation, progress);
        for (int i = 0; i < results.Length; i++)
            yield return new(script, prepared.Graph!, ranges, choices[i], results[i] with { Steps = [.. prepared.Steps, .. results[i].Steps] }, agreements[i]);

        ReadOnlyMemory<byte> RangesBy(RangeChoice choice)
        {
            ranges.Choice = choice;
            return StaticQuantization.ContentOf(ranges);
        }
    }

    /// <summary>Adds the best attempt so far to each report.</summary>
    private sealed class WithBest(IProgress<WorkProgress>? inner, Func<string?> best) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => inner?.Report(value with { Best = best() });
    }
}
