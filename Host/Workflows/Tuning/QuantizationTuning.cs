using System.Collections.Immutable;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Progress;
using TransformFramework.Workflows.Quantization;

namespace TransformFramework.Workflows.Tuning;

/// <summary>Finds the fewest layers to keep in float so that a quantized graph loses no more than a limit.</summary>
/// <param name="quantization">How one graph is quantized.</param>
/// <param name="samples">Gives the samples from the first on.</param>
public sealed class QuantizationTuning(StaticQuantization quantization, Func<IEnumerable<IReadOnlyDictionary<string, Tensor>>> samples)
{
    private const int FewestRankingSamples = 8;

    /// <summary>Ranking runs at most so many times all samples, but the fewest for each layer.</summary>
    private const int RankingPasses = 4;


    /// <summary>What the command quantize sets, too.</summary>
    private static readonly string Arguments = QuantizeArguments.Parse("").WithDefaults().Text;

    /// <summary>How ranges are chosen.</summary>
    public required RangeChoice Choice { get; init; }

    /// <summary>Accuracy lost by a quantized graph, in percentage points; null counts answers that are not the float graph's.</summary>
    public Func<Graph, double>? AccuracyLoss { get; init; }

    /// <summary>Ranks, searches, and quantizes with the layers found kept in float.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="limit">Percentage points that may be lost.</param>
    /// <param name="progress">Receives how far the tuning is.</param>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    public TuningResult Run(Graph graph, double limit, IProgress<WorkProgress>? progress)
    {
        CancellationToken cancellation = quantization.Cancellation;
        Graph prepared = quantization.Prepare(graph, quantization.Script(equalizes: false, arguments: "")).Graph!;
        RangeFile ranges = quantization.Calibrate(prepared, samples(), progress);
        ranges.Choice = Choice;
        ReadOnlyMemory<byte> content = StaticQuantization.ContentOf(ranges);
        var ranked = LayerRanking.Of(prepared, Alone, cancellation, progress);
        var candidates = TuningPoints.Counts(ranked.Count).Select(kept => (kept, Quantized(Excluding(ranked, kept)))).ToList();
        var points = new TuningPoints(quantization, graph, samples).Measure(candidates, progress);
        var meter = new ProgressMeter(progress, "searching").Start();
        var tuning = new LayerTuning(ranked, kept =>
        {
            TuningPoint? known = AccuracyLoss is null ? points.FirstOrDefault(point => point.KeptFloat == kept) : null;
            double loss = known is not null ? known.PointsLost : (AccuracyLoss ?? AnswersLost)(Quantized(Excluding(ranked, kept)));
            meter.Best = FormattableString.Invariant($"{kept} of {ranked.Count} in float: {loss:F2} points lost");
            meter.Step();
            return loss;
        });
        int? fewest = tuning.Fewest(limit);
        string? script = fewest is { } count ? quantization.Script(equalizes: false, Arguments + Excluding(ranked, count)).Source.Text : null;
        return new(ranked, tuning, fewest, script, fewest is { } kept ? Quantized(Excluding(ranked, kept)) : null, ranges) { Points = points };

        // Spread over all samples, since files are often sorted by class.
        IEnumerable<IReadOnlyDictionary<string, Tensor>> Ranking(long count)
        {
            long wanted = Math.Clamp(RankingPasses * count / Math.Max(1, LayerRanking.Count(prepared)), Math.Min(count, FewestRankingSamples), count);
            return samples().Where((_, i) => (i + 1) * wanted / count > i * wanted / count);
        }

        IReadOnlyList<double> Alone(Node[] layers)
        {
            Graph[] graphs = [.. layers.Select(layer => Quantized($", include={QuantizationScript.Quoted(layer.Name)}"))];
            return [.. Agreement.Measure(quantization.Backend, prepared, graphs, quantization.Outputs, Ranking(ranges.Samples), cancellation).Select(agreement => agreement.Sqnr)];
        }

        Graph Quantized(string arguments) => quantization.Quantize(prepared, content, quantization.Script(equalizes: false, Arguments + arguments)).Graph!;

        double AnswersLost(Graph result) => Agreement.Measure(quantization.Backend, graph, result, quantization.Outputs, samples(), cancellation).PointsLost;
    }

    private static string Excluding(IEnumerable<LayerSensitivity> ranked, int count) => string.Concat(ranked.Take(count).Select(layer => $", exclude={QuantizationScript.Quoted(layer.Node)}"));
}

/// <summary>What a tuning found.</summary>
/// <param name="Ranked">The layers, the most sensitive first.</param>
/// <param name="Tuning">The losses that were measured.</param>
/// <param name="KeptFloat">How many of the ranked layers stay float; null when even all of them lose too much.</param>
/// <param name="Script">The script that keeps them; null likewise.</param>
/// <param name="Graph">The quantized graph; null likewise.</param>
/// <param name="Ranges">The ranges that it was quantized by.</param>
public sealed record TuningResult(IReadOnlyList<LayerSensitivity> Ranked, LayerTuning Tuning, int? KeptFloat, string? Script, Graph? Graph, RangeFile Ranges)
{
    /// <summary>Noise, time and size with none, one, two, four … and all layers in float.</summary>
    public ImmutableArray<TuningPoint> Points { get; init; } = [];
}
