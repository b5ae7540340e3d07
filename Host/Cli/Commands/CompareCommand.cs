using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Comparison;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Reports;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Cli.Commands;

/// <summary>Runs two graphs on the same inputs and says how far the second one's results are from the first one's.</summary>
internal static class CompareCommand
{
    private static readonly ModelArguments Model = new();
    private static readonly ArithmeticArguments Arithmetic = new();
    private static readonly Argument<string> Reference = new("a") { Description = "The graph that is right" };
    private static readonly Argument<string> Actual = new("b") { Description = "The graph to judge; the options of arithmetic are for it alone" };
    private static readonly Option<string[]> Feed = CommonOptions.Feed();
    private static readonly Option<string> Data = DataOption.Create("Samples, as 'calibrate --data' takes them, in place of one --feed: differences over all of them");
    private static readonly Option<string> Samples = CommonOptions.Samples();
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "NAMES", Description = "Names of the outputs, separated by commas; without it what no node reads in the first graph" };
    private static readonly Option<string> Layers = CommonOptions.Flag("--layers", "Compare every tensor of the same name, worst first, and name the one where the error enters");
    private static readonly Option<string> Tolerance = new("--tolerance") { HelpName = "RATIO", Description = "Largest difference allowed, relative to the output's largest magnitude; 0.0001 without it" };
    private static readonly Option<string> MaxIterations = CommonOptions.MaxIterations();

    private const string Step = "compare";
    private static readonly ShardArguments Shards = new();
    private static readonly ReportArguments Report = new();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("compare", "Runs two graphs on the same inputs and compares what they compute") { Reference, Actual, Feed, Data, Samples, Outputs, Layers, Tolerance, MaxIterations };
        Model.AddChoicesTo(command);
        Arithmetic.AddTo(command);
        Shards.AddTo(command);
        Report.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        if (context.Has(Data) || Shards.MergedOf(context) is not null || Shards.ShardOf(context) is not null)
            return RunOnSamples(context);
        bool isReported = Report.IsAsked(context);
        double tolerance = context.Real(Tolerance, otherwise: 1e-4);
        using LoadedModel reference = Model.OpenPath(context, context.RequiredPath(Reference), context.Value(Outputs), isOneOfTwo: true);
        using LoadedModel actual = Model.OpenPath(context, context.RequiredPath(Actual), context.Value(Outputs), isOneOfTwo: true);
        var outputs = GraphOutputs.Resolve(reference.Endpoints, context.Value(Outputs));
        var feeds = FeedArguments.Resolve(reference.Endpoints, outputs.Tensors(), context.Values(Feed));
        using ProgressDisplay progress = ProgressDisplay.For(context);
        var comparison = new ModelComparison(context.Backend, context.MaxLoopIterations(MaxIterations), progress) { Judging = Arithmetic.Backend(context) };
        ComparisonResult result = comparison.Run(reference.Endpoints, actual.Endpoints, outputs, feeds, context.Has(Layers) || isReported, context.Cancellation);
        bool agrees = result.Agrees(tolerance);
        Report? report = isReported ? Reported(context, reference, actual, outputs.Tensors(), feeds).WithComparisonSummary(result, tolerance) : null;
        progress.Dispose();
        if (context.IsJson)
            PrintJson(result.Outputs, result.Layers, agrees, tolerance);
        else
            PrintText(result.Outputs, result.Layers, agrees, tolerance);
        if (report is not null)
            Report.Write(context, report);
        return agrees ? ExitCodes.Done : ExitCodes.Failed;
    }

    /// <summary>Compares over samples, or over those of shards.</summary>
    private static int RunOnSamples(CommandContext context)
    {
        if (context.Has(Layers) || context.Values(Feed).Length > 0 || Report.IsAsked(context))
            throw CommandException.Usage("--data goes without --feed, --layers and --report", "Compare one sample with --feed to look at single tensors.");
        using LoadedModel reference = Model.OpenPath(context, context.RequiredPath(Reference), context.Value(Outputs), isOneOfTwo: true);
        using LoadedModel actual = Model.OpenPath(context, context.RequiredPath(Actual), context.Value(Outputs), isOneOfTwo: true);
        if (Shards.ShardOf(context) is { } shard)
        {
            return Shards.Run(context, Step, shard, Fingerprint(context, reference, actual), () =>
            {
                var (sums, bad) = Measured(context, reference, actual, shard);
                return (sums.Samples, bad, sums.Write);
            });
        }
        var (result, left) = Shards.MergedOf(context) is { } folder
            ? Shards.Merge(context, folder, Step, context.Has(Data) ? Fingerprint(context, reference, actual) : null, ComparisonSums.Read, (all, next) => all.Merge(next))
            : Measured(context, reference, actual, part: null);
        if (result.Samples == 0)
            throw CommandException.Usage("there are no samples", "Give --data=PATH with samples.");
        double tolerance = context.Real(Tolerance, otherwise: 1e-4);
        bool agrees = result.Outputs.All(output => output.Comparison.MaxRelative <= tolerance);
        if (context.IsJson)
            PrintJson(result.Outputs, null, agrees, tolerance);
        else
            PrintText(result.Outputs, null, agrees, tolerance, $" over {result.Samples} samples{ShardArguments.LeftOut(left)}");
        return agrees ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static (ComparisonSums Sums, int Bad) Measured(CommandContext context, LoadedModel reference, LoadedModel actual, ShardNumber? part)
    {
        SampleSelection selection = Shards.SelectionOf(context, part, context.MostSamples(Samples));
        string[] inputs = GraphInputs.ResolveAll(reference.Endpoints, list: null).Tensors();
        using ProgressDisplay progress = ProgressDisplay.For(context);
        var comparison = new ModelComparison(context.Backend, context.MaxLoopIterations(MaxIterations), progress) { Judging = Arithmetic.Backend(context) };
        var outputs = GraphOutputs.Resolve(reference.Endpoints, context.Value(Outputs));
        ComparisonSums sums = DataOption.Read(Data, () =>
        {
            var samples = SampleData.Read(reference.Endpoints, inputs, context.RequiredPath(Data), selection);
            return comparison.Run(reference.Endpoints, actual.Endpoints, outputs, samples, context.Cancellation);
        });
        return (sums, selection.Bad!.Count);
    }

    private static ShardFingerprint Fingerprint(CommandContext context, LoadedModel reference, LoadedModel actual) =>
        ShardFingerprint.Of([reference.Graph, actual.Graph], context.Spelt([Outputs, Samples, MaxIterations, .. Model.Choices, .. Arithmetic.Options]), ShardArguments.FingerprintOf(context, Data), context.Cancellation);

    private static Report Reported(CommandContext context, LoadedModel reference, LoadedModel actual, string[] outputs, IReadOnlyDictionary<string, Tensor> feeds) => ReportArguments.Begin("compare", reference.Path) with
    {
        OutGraph = actual.Path,
        BytesRead = reference.FileBytes,
        BytesWritten = actual.FileBytes,
        Graph = GraphHistory.Pair(reference.Graph, actual.Graph, feeds.Keys, outputs),
        Layers = LayerProfile.Of(context.Backend, reference.Graph, actual.Graph, outputs, [feeds], ranges: null, context.Cancellation),
        Timings = [.. TimingReport.Measure(context.Backend, [(reference.Path, reference.Graph)], outputs, feeds, context.Cancellation), .. TimingOf(context, actual, outputs, feeds)],
    };

    /// <summary>The time of the other graph, where its inputs and outputs carry the same names.</summary>
    private static ImmutableArray<ReportTiming> TimingOf(CommandContext context, LoadedModel actual, string[] outputs, IReadOnlyDictionary<string, Tensor> feeds) =>
        outputs.Concat(feeds.Keys).All(tensor => actual.Graph.TryFind(new NodeInput(tensor).Node, out _)) ? TimingReport.Measure(context.Backend, [(actual.Path, actual.Graph)], outputs, feeds, context.Cancellation) : [];

    private static void PrintText(IReadOnlyList<OutputComparison> results, LayerComparison? layers, bool agrees, double tolerance, string over = "")
    {
        foreach (var (name, comparison) in results)
            Console.Out.WriteLine($"{name}: {Describe(comparison)}{over}");
        if (layers is not null)
        {
            Console.Out.WriteLine(layers.Entry(tolerance) is { } entry
                ? $"the error enters at '{entry.Layer.Node.Name}' ({entry.Layer.Node.Op}), which has {Decibels(entry.Layer.Comparison.Sqnr)} of inputs that {(double.IsPositiveInfinity(entry.InputSqnr) ? "are equal" : $"have {Decibels(entry.InputSqnr)}")}; {layers.Layers.Count} tensors compared, worst first:"
                : $"all {layers.Layers.Count} tensors of the same name agree");
            foreach (var (node, comparison) in layers.Layers.Where(layer => layer.Comparison.MaxAbsolute > 0).OrderBy(layer => layer.Comparison.Sqnr))
                Console.Out.WriteLine($"  {node.Name} ({node.Op}): {Describe(comparison)}");
        }
        Console.Out.WriteLine(agrees ? "The graphs agree." : string.Create(CultureInfo.InvariantCulture, $"The graphs differ by more than {tolerance:G3} of an output's largest magnitude."));
    }

    private static void PrintJson(IReadOnlyList<OutputComparison> results, LayerComparison? layers, bool agrees, double tolerance) =>
        Console.Out.WriteLine(RunReport.Serialize(new
        {
            schema_version = 1,
            agrees,
            outputs = results.Select(result => Entry(result.Name, result.Comparison)),
            enters_at = layers?.Entry(tolerance)?.Layer.Node.Name,
            layers = layers?.Layers.OrderBy(layer => layer.Comparison.Sqnr).Select(layer => Entry(layer.Node.Name, layer.Comparison)) ?? [],
        }));

    private static string Decibels(double sqnr) => string.Create(CultureInfo.InvariantCulture, $"{sqnr:F1} dB");

    private static object Entry(string name, TensorComparison comparison) => new
    {
        name,
        max_abs_error = Finite(comparison.MaxAbsolute),
        max_rel_error = Finite(comparison.MaxRelative),
        sqnr_db = Finite(comparison.Sqnr),
        cosine = comparison.Cosine,
        top1_agreement = comparison.SameTop,
    };

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static string Describe(TensorComparison comparison) => comparison.MaxAbsolute == 0
        ? "equal"
        : string.Create(CultureInfo.InvariantCulture, $"max abs {comparison.MaxAbsolute:G4}, rel {comparison.MaxRelative:G4}, SQNR {comparison.Sqnr:F1} dB, cosine {comparison.Cosine:F6}, same top-1 {comparison.SameTop:P1}");
}
