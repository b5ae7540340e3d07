using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Workflows.Benchmarking;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Measures how fast a graph runs, alone or side by side with another one, and where the time goes.</summary>
internal static class BenchmarkCommand
{
    private const int MostRuns = 1000;
    private const int RecordedRuns = 30;
    private const int WarmupRuns = 5;
    private const int ListedNodes = 10;

    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(3);

    private static readonly ModelArguments Model = new();
    private static readonly ArithmeticArguments Arithmetic = new();
    private static readonly Option<string> CompareGraph = new("--compare_graph") { HelpName = "FILE", Description = "Another graph, measured by turns with the first" };
    private static readonly Option<string[]> Feed = CommonOptions.Feed();
    private static readonly Option<string> Outputs = CommonOptions.Outputs();
    private static readonly Option<string> Threads = new("--threads") { HelpName = "N", Description = "Threads of a run; one per processor without it" };
    private static readonly Option<string> Runs = new("--runs") { HelpName = "N", Description = "Timed runs of each graph; without it as many as fit in 3 seconds, at most 1000" };
    private static readonly Option<string> Warmup = new("--warmup_runs") { HelpName = "N", Description = "Runs before the timed ones" };
    private static readonly Option<string> Top = new("--top") { HelpName = "N", Description = "How many nodes and types of nodes to list; 10 without it" };
    private static readonly Option<string> RunOrder = CommonOptions.Flag("--run_order", "List every node in run order instead of the slowest");

    private static readonly Option<string> Microkernels = CommonOptions.Flag("--microkernels", "Time the backend's inner loops by name, without a graph");

    private static readonly ReportArguments Report = new();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("benchmark", "Measures how fast a graph runs, and where the time goes") { CompareGraph, Feed, Outputs, Threads, Runs, Warmup, Top, RunOrder, Microkernels };
        Model.AddTo(command);
        Arithmetic.AddTo(command);
        Report.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        if (context.Has(Microkernels))
            return RunMicrokernels(context);
        string path = Model.PathOf(context);
        bool isReported = Report.IsAsked(context);
        string? other = context.Path(CompareGraph);
        int threads = (int)context.Integer(Threads, otherwise: Environment.ProcessorCount, least: 1, most: 1024);
        int runs = (int)context.Integer(Runs, otherwise: 0, least: 1, most: int.MaxValue);
        int warmup = (int)context.Integer(Warmup, otherwise: WarmupRuns, least: 1, most: int.MaxValue);
        int top = (int)context.Integer(Top, otherwise: ListedNodes, least: 0, most: int.MaxValue);
        IBackend backend = Arithmetic.Backend(context);
        using LoadedModel model = Model.OpenPath(context, path, context.Value(Outputs));
        using LoadedModel? compared = other is null ? null : Model.OpenPath(context, other, context.Value(Outputs), isOneOfTwo: true);
        List<(string, long, BenchmarkedGraph)> graphs = [(path, model.FileBytes, Prepared(context, model, backend, threads))];
        if (compared is not null)
            graphs.Add((other!, compared.FileBytes, Prepared(context, compared, backend, threads)));
        RunSeries timed = runs > 0 ? new(runs, TimeSpan.MaxValue, TimeSpan.Zero) : new(MostRuns, Enough, TimeSpan.Zero);
        var benchmark = new Benchmark(new(warmup, context.Has(Warmup) ? TimeSpan.MaxValue : Enough, TimeSpan.Zero), timed, new(RecordedRuns, Enough, TimeSpan.Zero));
        var measured = Measured(context, benchmark, graphs);
        if (isReported)
            Report.Write(context, Reported(model, compared, measured).WithBenchmarkSummary(backend.InstructionSet, threads));
        var report = new BenchmarkReport(measured, backend.InstructionSet, threads);
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(report.ToReport()));
        else
            report.Print(Console.Out, top, context.Has(RunOrder));
        return ExitCodes.Done;
    }

    private static int RunMicrokernels(CommandContext context)
    {
        IBackend backend = context.Backend;
        IReadOnlyList<MicrokernelMeasurement> kernels;
        using (ProgressDisplay progress = ProgressDisplay.For(context))
            kernels = new MicrokernelBenchmark().Run(backend, context.Cancellation, progress);
        if (kernels.Count == 0)
            throw CommandException.Usage("the backend lists no microkernels", "Choose the backend cpu.");
        Console.Out.WriteLine(context.IsJson ? RunReport.Serialize(MicrokernelTable.ToReport(kernels, backend.InstructionSet)) : MicrokernelTable.Text(kernels));
        return ExitCodes.Done;
    }

    private static Report Reported(LoadedModel model, LoadedModel? compared, IReadOnlyList<GraphMeasurement> measured) => ReportArguments.Begin("benchmark", model.Path) with
    {
        OutGraph = compared?.Path,
        BytesRead = model.FileBytes,
        BytesWritten = compared?.FileBytes,
        Graph = compared is null
            ? GraphHistory.Single(model.Graph, measured[0].Graph.Feeds.Keys, measured[0].Graph.Outputs)
            : GraphHistory.Pair(model.Graph, compared.Graph, measured[0].Graph.Feeds.Keys, measured[0].Graph.Outputs),
        Timings = [.. measured.Select(one => TimingReport.Of(one.File, one))],
    };

    private static IReadOnlyList<GraphMeasurement> Measured(CommandContext context, Benchmark benchmark, List<(string File, long FileBytes, BenchmarkedGraph Graph)> graphs)
    {
        try
        {
            using ProgressDisplay progress = ProgressDisplay.For(context);
            return benchmark.Run(graphs, context.Cancellation, progress);
        }
        catch (ExecutionException error) when (error.Kind == StatusKind.InvalidArgument && graphs.SelectMany(entry => entry.Graph.Feeds).FirstOrDefault(feed => feed.Value.Shape.Rank == 0).Key is { } scalar)
        {
            throw new CommandException(ExitCodes.Failed, CliDiagnostics.RunFailed.With(error.Message) with
            {
                Node = error.Node,
                Suggestion = $"'{scalar}' is fed a scalar, since the graph gives no shape; --feed {scalar}=random:1?shape=1x224x224x3 gives one.",
            });
        }
    }

    private static BenchmarkedGraph Prepared(CommandContext context, LoadedModel model, IBackend backend, int threads)
    {
        string[] outputs = GraphOutputs.Resolve(model.Endpoints, context.Value(Outputs)).Tensors();
        try
        {
            if (context.Values(Feed).Length == 0)
                WarnOfUnknownSizes(context, model.Endpoints);
            var feeds = context.Values(Feed) is { Length: > 0 } given ? FeedArguments.Resolve(model.Endpoints, outputs, given) : FeedArguments.Random(model.Graph, outputs, seed: 1);
            return new(model.Graph, backend, outputs, feeds, threads);
        }
        catch (FeedException error)
        {
            throw CommandException.Usage(error.Message, "Give the input's value with --feed NAME=VALUE.");
        }
    }

    private static void WarnOfUnknownSizes(CommandContext context, ModelEndpoints endpoints)
    {
        foreach (ModelEndpoint input in endpoints.Inputs)
        {
            if (endpoints.Graph.TryFind(input.Node, out var node) && GraphInputs.ShapeOf(node) is { IsUnknownRank: false, Rank: > 1 } shape && shape.Dimensions.Skip(1).Any(dimension => dimension < 0))
                context.Say([CliDiagnostics.UnknownDimension.With(input.Name, shape) with { Suggestion = $"--feed={input.Name}=random:1?shape={string.Join('x', shape.Dimensions.Select(dimension => dimension < 0 ? "224" : dimension.ToString(System.Globalization.CultureInfo.InvariantCulture)))} gives others." }]);
        }
    }
}
