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
public sealed class QuantizationSearch(StaticQuantization quantization, Func<IEnumerable<IReadOnlyDictionary<string, Tensor>>> samples)
{
    private const int JudgedSamples = 100;

    /// <summary>The range methods to try.</summary>
    public required ImmutableArray<RangeMethod> Methods { get; init; }

    /// <summary>The scripts to try, with and without equalization.</summary>
    public required ImmutableArray<QuantizationScript> Scripts { get; init; }

    /// <summary>Gives the samples by which the best attempt's biases are corrected, and the script that names them; null for none.</summary>
    public Func<QuantizationScript, (QuantizationScript Script, SampleArchive Samples)?> Correction { get; init; } = _ => null;

    /// <summary>The first attempt that no later one clearly beats in signal to noise against the float graph.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="progress">Receives phases, samples and the best attempt so far.</param>
    /// <exception cref="PipelineException">A step fails.</exception>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    public QuantizationAttempt Best(Graph graph, IProgress<WorkProgress>? progress)
    {
        QuantizationAttempt? best = null;
        foreach (QuantizationAttempt attempt in Scripts.SelectMany(script => Attempts(graph, script, new WithBest(progress, () => Describe(best)))))
        {
            if (best is null || attempt.Agreement.Noise.IsClearlyBetterThan(best.Agreement.Noise))
                best = attempt;
        }
        return Corrected(graph, best!, new WithBest(progress, () => Describe(best)));
    }

    /// <summary>The attempt with biases corrected by samples, where that agrees better.</summary>
    private QuantizationAttempt Corrected(Graph graph, QuantizationAttempt best, IProgress<WorkProgress> progress)
    {
        if (Correction(best.Script) is not var (script, archive))
            return best;
        progress.Report(new("correcting biases", 0, null));
        best.Ranges.Choice = best.Choice;
        PipelineResult result = quantization.Quantize(best.Prepared, StaticQuantization.ContentOf(best.Ranges), script, archive);
        Agreement agreement = Agreement.Measure(quantization.Backend, graph, result.Graph!, quantization.Outputs, samples().Take(JudgedSamples), quantization.Cancellation, progress);
        int prepared = best.Result.Steps.Length - result.Steps.Length;
        return agreement.Sqnr > best.Agreement.Sqnr
            ? best with { Script = script, Samples = archive, Agreement = agreement, Result = result with { Steps = [.. best.Result.Steps.Take(prepared), .. result.Steps] } }
            : best;
    }

    private static string? Describe(QuantizationAttempt? best) => best is null ? null : string.Create(CultureInfo.InvariantCulture, $"{best.Agreement.Sqnr:F1} dB");

    private IEnumerable<QuantizationAttempt> Attempts(Graph graph, QuantizationScript script, IProgress<WorkProgress> progress)
    {
        PipelineResult prepared = quantization.Prepare(graph, script);
        RangeFile ranges = quantization.Calibrate(prepared.Graph!, samples(), progress);
        RangeChoice[] choices = [.. Methods.Select(method => new RangeChoice(method))];
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
