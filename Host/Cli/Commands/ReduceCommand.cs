using System.CommandLine;
using System.ComponentModel;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Reduction;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Makes the smallest graph, with values for its inputs, that still shows a fault.</summary>
internal static class ReduceCommand
{
    private static readonly ModelArguments Model = new();
    private static readonly ScriptArguments Transforms = new();
    private static readonly Option<string> Out = new("--out") { HelpName = "FOLDER", Description = "Folder for the small graph, as a file and as text, and the values of its inputs" };
    private static readonly Option<string> Reference = new("--reference") { HelpName = "MODEL", Description = "The graph that is right: the fault is that outputs differ from its" };
    private static readonly Option<string> Shell = new("--command") { HelpName = "WORDS", Description = "A command, words separated by blanks, that does not end with 0 on a graph with the fault; {graph}, {feeds}, {reference} are files, {output} is a name" };
    private static readonly Option<string> Outputs = CommonOptions.Outputs();
    private static readonly Option<string[]> Feed = CommonOptions.Feed();
    private static readonly Option<string> Tolerance = new("--tolerance") { HelpName = "RATIO", Description = "Largest difference of an output that is no fault, relative to its largest magnitude; 0.0001 without it" };
    private static readonly Option<string> Timeout = new("--timeout") { HelpName = "SECONDS", Description = "Time after which --command counts as failed; 60 without it" };

    private static readonly Option<string> Tries = new("--tries") { HelpName = "N", Description = "How often --command is run before a case counts as good, for a fault that shows now and then; 1 without it" };

    /// <summary>How often the fault is asked for in the end.</summary>
    private const int Confirmations = 3;

    private const double MostSeconds = 1_000_000;

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("reduce", "Makes the smallest graph that still shows a fault: against a reference, by a script, by a command, or in a run") { Out, Reference, Transforms.Script, Transforms.File, Shell, Outputs, Feed, Tolerance, Timeout, Tries };
        Model.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        string folder = context.RequiredPath(Out);
        double tolerance = context.Real(Tolerance, otherwise: 1e-4);
        using LoadedModel model = Model.Open(context, context.Value(Outputs));
        using LoadedModel? reference = context.Path(Reference) is { } path ? Model.OpenPath(context, path, context.Value(Outputs), isOneOfTwo: true) : null;
        string[] outputs = GraphOutputs.Resolve(model.Endpoints, context.Value(Outputs)).Tensors();
        IReadOnlyDictionary<string, Tensor> feeds = context.Values(Feed) is { Length: > 0 } given ? FeedArguments.Resolve(model.Endpoints, outputs, given) : FeedArguments.Random(model.Graph, outputs, seed: 1);
        var values = KnownValues.Of(context.Backend, reference?.Graph ?? model.Graph, outputs, feeds, context.Cancellation);
        using var progress = ProgressDisplay.For(context);
        CommandFault? command = CommandOf(context);
        var reduction = new GraphReduction(command is null ? FaultOf(context, model, reference, outputs, feeds, tolerance) : command.IsShownBy, context.Cancellation, progress);
        ReducedCase? reduced = Reduced(() => reduction.Run(model.Graph, reference?.Graph, outputs.Select(output => new NodeInput(output).Node), feeds, values));
        progress.Dispose();
        reduced?.Write(folder, context.Cancellation);
        Print(context, model, reduced, folder, reduction.Runs);
        if (reduced is not null && command is not null)
            Doubt(context, command, reduced, reduction);
        return reduced is null ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static ReducedCase? Reduced(Func<ReducedCase?> reduce)
    {
        try
        {
            return reduce();
        }
        catch (Win32Exception error)
        {
            throw CommandException.Usage($"--command does not start: {error.Message}", "Its words are separated by blanks; a shell's line goes into a file: --command='sh FILE {graph}'.");
        }
    }

    private static CommandFault? CommandOf(CommandContext context)
    {
        if (context.Value(Shell) is not { } words)
            return null;
        if (Transforms.AreGiven(context))
            throw SeveralFaults();
        string[] command = words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (command.Length == 0)
            throw CommandException.Usage("--command is empty", "For example --command='./check.sh {graph} {feeds}'.");
        return new([.. command], TimeSpan.FromSeconds(Math.Min(context.Real(Timeout, otherwise: 60), MostSeconds)), context.Cancellation) { Tries = (int)context.Integer(Tries, otherwise: 1, least: 1, most: 1000) };
    }

    /// <summary>Says what speaks against a case: that the fault comes and goes, or that the command fails on everything.</summary>
    private static void Doubt(CommandContext context, CommandFault command, ReducedCase reduced, GraphReduction reduction)
    {
        int shown = command.CountIn(reduced, Confirmations);
        if (shown < Confirmations)
            context.Say([CliDiagnostics.FaultComesAndGoes.With(shown, Confirmations) with { Suggestion = CliDiagnostics.FaultComesAndGoes.Remedy }]);
        else if (reduction.Runs > 1 && reduction.Shown == reduction.Runs)
            context.Say([CliDiagnostics.CommandFailsAlways.With(reduction.Runs, command.LastError is { } error ? $"; its last words: {error}" : "") with { Suggestion = CliDiagnostics.CommandFailsAlways.Remedy }]);
    }

    private static CommandException SeveralFaults() => CommandException.Usage("a fault is shown by a reference, by a script or by a command, not by several of them", "Give one of --reference, --transforms, --command.");

    private static Func<ReducedCase, bool> FaultOf(CommandContext context, LoadedModel model, LoadedModel? reference, string[] outputs, IReadOnlyDictionary<string, Tensor> feeds, double tolerance)
    {
        if (reference is not null && Transforms.AreGiven(context))
            throw SeveralFaults();
        if (reference is not null)
            return Faults.Difference(context.Backend, tolerance, context.Cancellation);
        if (!Transforms.AreGiven(context))
            return Faults.Failure(context.Backend, FailingOp(context.Backend, model.Graph, outputs, feeds, context.Cancellation), context.Cancellation);
        Script script = ScriptSource.Parse(Transforms.Read(context), context.IsQuiet);
        var options = new PipelineOptions { InputNames = [.. feeds.Keys], OutputNames = [.. outputs] };
        string? diagnostic = new PipelineRunner(context.Catalog).Run(model.Graph, script, options, context.Cancellation).Failure?.Diagnostic.Id;
        return Faults.Script(context.Catalog, script, diagnostic, context.Backend, tolerance, context.Cancellation);
    }

    private static string? FailingOp(IBackend backend, Graph graph, string[] outputs, IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation)
    {
        try
        {
            backend.Compile(graph, outputs, new CompileOptions { Feeds = [.. feeds.Keys] }).Run(feeds, cancellation);
            return null;
        }
        catch (ExecutionException error)
        {
            return error.Node is null ? null : graph.Find(error.Node)?.Op;
        }
    }

    private static void Print(CommandContext context, LoadedModel model, ReducedCase? reduced, string folder, int runs)
    {
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, runs, nodes_before = model.Graph.Nodes.Length, nodes_after = reduced?.Graph.Nodes.Length, output = reduced?.Output, folder = reduced is null ? null : folder }));
        else if (reduced is null)
            Console.Out.WriteLine("The graph does not show the fault, so there is nothing to reduce.");
        else
            Console.Out.Write(string.Create(CultureInfo.InvariantCulture, $"{model.Graph.Nodes.Length} → {reduced.Graph.Nodes.Length} nodes in {runs} runs; in '{folder}': graph.pb, graph.gtxt, feeds.npz{(reduced.Reference is null ? "" : ", reference.pb")}\n\n{GraphText.Print(reduced.Graph, new GraphTextOptions { MaxElements = 8 })}"));
    }
}
