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

namespace TransformFramework.Cli.Commands;

/// <summary>Runs two graphs on the same inputs and says how far the second one's results are from the first one's.</summary>
internal static class CompareCommand
{
    private static readonly ModelArguments Model = new();
    private static readonly ArithmeticArguments Arithmetic = new();
    private static readonly Argument<string> Reference = new("a") { Description = "The graph that is right" };
    private static readonly Argument<string> Actual = new("b") { Description = "The graph to judge; the options of arithmetic are for it alone" };
    private static readonly Option<string[]> Feed = CommonOptions.Feed();
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "NAMES", Description = "Names of the outputs, separated by commas; without it what nobody reads in the first graph" };
    private static readonly Option<string> Layers = CommonOptions.Flag("--layers", "Compare every tensor of the same name, worst first, and name the one where the error enters");
    private static readonly Option<string> Tolerance = new("--tolerance") { HelpName = "RATIO", Description = "Largest difference allowed, relative to the output's largest magnitude; 0.0001 without it" };
    private static readonly Option<string> MaxIterations = CommonOptions.MaxIterations();

    private static readonly ReportArguments Report = new();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("compare", "Runs two graphs on the same inputs and compares what they compute") { Reference, Actual, Feed, Outputs, Layers, Tolerance, MaxIterations };
        Model.AddChoicesTo(command);
        Arithmetic.AddTo(command);
        Report.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        bool isReported = Report.IsAsked(context);
        double tolerance = context.Real(Tolerance, otherwise: 1e-4);
        using LoadedModel reference = Model.OpenPath(context, context.RequiredPath(Reference), context.Value(Outputs));
        using LoadedModel actual = Model.OpenPath(context, context.RequiredPath(Actual), context.Value(Outputs));
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

    private static void PrintText(IReadOnlyList<OutputComparison> results, LayerComparison? layers, bool agrees, double tolerance)
    {
        foreach (var (name, comparison) in results)
            Console.Out.WriteLine($"{name}: {Describe(comparison)}");
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
