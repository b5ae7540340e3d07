using System.Collections.Concurrent;
using System.Collections.Immutable;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Progress;
using TransformFramework.Workflows.Quantization;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Tuning;

/// <summary>Finds the fewest layers to keep in float so that a quantized graph loses no more than a limit.</summary>
/// <param name="quantization">How one graph is quantized.</param>
/// <param name="samples">Gives the samples from the first on.</param>
public sealed class QuantizationTuning(StaticQuantization quantization, Func<IEnumerable<IReadOnlyDictionary<string, Tensor>>> samples)
{
    /// <summary>What the command quantize sets, too.</summary>
    private static readonly string Arguments = QuantizeArguments.Parse("").WithDefaults().Text;

    /// <summary>How ranges are chosen.</summary>
    public required RangeChoice Choice { get; init; }

    /// <summary>Accuracy lost by a quantized graph, in percentage points; null counts answers that are not the float graph's.</summary>
    public Func<Graph, double>? AccuracyLoss { get; init; }

    /// <summary>Whether the layers that lose most get activations of 16 bits instead of staying float.</summary>
    public bool KeepsWide { get; init; }

    /// <summary>What is known already.</summary>
    public TuningMeasurements Known { get; init; } = TuningMeasurements.None;

    /// <summary>Receives what is measured; null for nobody.</summary>
    public ITuningLog? Log { get; init; }

    /// <summary>Ranks, searches, and quantizes with the layers found kept in float.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="limit">Percentage points that may be lost.</param>
    /// <param name="progress">Receives how far the tuning is.</param>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    public TuningResult Run(Graph graph, double limit, IProgress<WorkProgress>? progress)
    {
        Graph prepared = Prepared(graph);
        RangeFile ranges = Known.Ranges ?? Calibrated(prepared, progress);
        KnownSamples judging = Judging(graph);
        Candidates candidates = CandidatesOf(judging, prepared, ranges, progress);
        var ranked = LayerRanking.Of(prepared, candidates.Sensitivities);
        var made = new ConcurrentDictionary<int, PipelineResult>();
        var points = PointsOf(judging, ranked.Count, kept => (made[kept] = candidates.Run(Keeping(ranked, kept))).Graph!, progress);
        var meter = new ProgressMeter(progress, "searching").Start();
        var tuning = new LayerTuning(ranked, kept =>
        {
            TuningPoint? point = AccuracyLoss is null ? points.FirstOrDefault(point => point.KeptFloat == kept) : null;
            double loss = point?.PointsLost ?? Measured(kept);
            meter.Best = FormattableString.Invariant($"{kept} of {ranked.Count} {(KeepsWide ? "with 16 bits" : "in float")}: {loss:F2} points lost");
            meter.Step();
            return loss;
        });
        int? fewest = tuning.Fewest(limit);
        string? script = fewest is { } count ? quantization.Script(equalizes: false, Arguments + Keeping(ranked, count)).Source.Text : null;
        PipelineResult? result = fewest is { } kept ? Made(kept) : null;
        return new(ranked, tuning, fewest, script, result?.Graph, ranges) { WrittenFor = result?.WrittenFor, Points = points };

        double Measured(int kept)
        {
            double loss = candidates.Loss(kept, () => Made(kept).Graph!);
            Log?.Add(kept, loss);
            return loss;
        }

        PipelineResult Made(int kept) => made.TryGetValue(kept, out var known) ? known : candidates.Run(Keeping(ranked, kept));
    }

    private RangeFile Calibrated(Graph prepared, IProgress<WorkProgress>? progress)
    {
        RangeFile ranges = quantization.Calibrate(prepared, samples(), progress);
        Log?.Add(ranges);
        return ranges;
    }

    /// <summary>The ranges of the prepared graph on a part of the samples, which may be empty.</summary>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    public RangeFile MeasureRanges(Graph graph, IEnumerable<IReadOnlyDictionary<string, Tensor>> some, IProgress<WorkProgress>? progress) => quantization.Measure(Prepared(graph), some, progress);

    /// <summary>What quantizing each of some layers alone costs; <see cref="Known"/> has the ranges.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="shard">Which of the layers.</param>
    /// <param name="progress">Receives how many have been measured.</param>
    public IReadOnlyList<KeyValuePair<string, double>> MeasureSensitivities(Graph graph, ShardNumber shard, IProgress<WorkProgress>? progress)
    {
        Graph prepared = Prepared(graph);
        Candidates candidates = CandidatesOf(Judging(graph), prepared, Known.Ranges!, progress);
        return [.. LayerRanking.Of(prepared, candidates.Sensitivities, shard).Select(layer => KeyValuePair.Create(layer.Node, layer.Sqnr))];
    }

    /// <summary>What is lost with some of the numbers of layers in float; <see cref="Known"/> has the ranges and what each layer costs.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="shard">Which of the numbers from 0 to that of all layers.</param>
    /// <param name="progress">Receives how many have been measured.</param>
    /// <exception cref="FeedException">A sample cannot be read.</exception>
    public IReadOnlyList<KeyValuePair<int, double>> MeasureLosses(Graph graph, ShardNumber shard, IProgress<WorkProgress>? progress)
    {
        Graph prepared = Prepared(graph);
        Candidates candidates = CandidatesOf(Judging(graph), prepared, Known.Ranges!, progress: null);
        var ranked = LayerRanking.Of(prepared, candidates.Sensitivities);
        int[] numbers = [.. Enumerable.Range(0, ranked.Count + 1).Where(kept => shard.Takes(kept))];
        return [.. new ProgressMeter(progress, "measuring candidates", numbers.Length).Count(numbers).Select(kept => KeyValuePair.Create(kept, candidates.Loss(kept, () => candidates.Run(Keeping(ranked, kept)).Graph!)))];
    }

    /// <summary>Points with none, one, two, four … and all layers in float; none where shards have measured what is lost.</summary>
    private ImmutableArray<TuningPoint> PointsOf(KnownSamples judging, int layers, Func<int, Graph> build, IProgress<WorkProgress>? progress) => Known.IsOfShards
        ? []
        : new TuningPoints(quantization, judging, samples).Measure([.. TuningPoints.Counts(layers).Select(kept => (kept, (Func<Graph>)(() => build(kept))))], Known.Points, point => Log?.Add(point), progress);

    /// <summary>The samples with the float graph's outputs, which are computed once.</summary>
    private KnownSamples Judging(Graph graph) => new(quantization.Backend, graph, quantization.Outputs, samples, quantization.Cancellation);

    private Graph Prepared(Graph graph) => quantization.Prepare(graph, quantization.Script(equalizes: false, arguments: "")).Graph!;

    private Candidates CandidatesOf(KnownSamples judging, Graph prepared, RangeFile ranges, IProgress<WorkProgress>? progress)
    {
        ranges.Choice = Choice;
        ReadOnlyMemory<byte> content = StaticQuantization.ContentOf(ranges);
        CancellationToken cancellation = quantization.Cancellation;
        return new(Run, Sensitivities, (kept, graph) => Known.Losses.TryGetValue(kept, out double known) ? known : (AccuracyLoss ?? AnswersLost)(graph()));

        PipelineResult Run(string arguments) => quantization.Quantize(prepared, content, quantization.Script(equalizes: false, Arguments + arguments));

        Graph Quantized(string arguments) => Run(arguments).Graph!;

        IReadOnlyList<double> Sensitivities(Node[] layers)
        {
            Node[] unknown = [.. layers.Where(layer => !Known.Sensitivities.ContainsKey(layer.Name))];
            var measured = unknown.Length == 0 ? [] : LayerNoise.Measure(quantization.Backend, prepared, Quantized(""), unknown, quantization.Outputs, samples, progress, cancellation);
            if (unknown.Length > 0)
                Log?.Add([.. unknown.Select(layer => new LayerSensitivity(layer.Name, measured[layer.Name]))]);
            return [.. layers.Select(layer => Known.Sensitivities.TryGetValue(layer.Name, out double known) ? known : measured[layer.Name])];
        }

        double AnswersLost(Graph result) => Agreement.Measure(quantization.Backend, judging.All(), result, quantization.Outputs, atOnce: 0, cancellation).PointsLost;
    }

    /// <summary>Arguments by which the first so many layers are kept.</summary>
    private string Keeping(IEnumerable<LayerSensitivity> ranked, int count)
    {
        string names = string.Concat(ranked.Take(count).Select(layer => $", {(KeepsWide ? "wide" : "exclude")}={QuantizationScript.Quoted(layer.Node)}"));
        return KeepsWide && count > 0 ? $", activation_bits=16{names}" : names;
    }

    /// <summary>What can be measured of quantized graphs.</summary>
    /// <param name="Run">The quantized graph by further arguments of quantize.</param>
    /// <param name="Sensitivities">Signal to noise of the graph's results with each of some layers quantized alone.</param>
    /// <param name="Loss">Points lost with the first so many of the ranked layers in float, by that graph where they are not known.</param>
    private sealed record Candidates(Func<string, PipelineResult> Run, Func<Node[], IReadOnlyList<double>> Sensitivities, Func<int, Func<Graph>, double> Loss);
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
    /// <summary>The oldest release of TensorFlow that reads the quantized graph, such as <c>tf2.7</c>; null for the one that wrote the float graph.</summary>
    public string? WrittenFor { get; init; }

    /// <summary>Noise, time and size with none, one, two, four … and all layers in float; empty where shards have measured.</summary>
    public ImmutableArray<TuningPoint> Points { get; init; } = [];
}
