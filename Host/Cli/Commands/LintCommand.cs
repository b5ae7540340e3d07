using System.CommandLine;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl;
using TransformFramework.Dsl.Binding;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Finds what is wrong or pointless in a script without running it, and what a release of TensorFlow or an opset of ONNX lacks for a graph.</summary>
internal static class LintCommand
{
    private static readonly Argument<string> ScriptFile = new("file") { Description = "A script file; - for standard input; may be left out with --in_graph", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> For = new("--for") { HelpName = "TARGET", Description = "What must read the graph: tf1.15, tf2.12, onnx-opset-17, …" };
    private static readonly ModelArguments Model = new();

    private const int MostProblems = 20;

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("lint", "Finds what is wrong or pointless in a script, and what a graph asks of its reader") { ScriptFile, For };
        Model.AddTo(command, hasArgument: false);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        string? file = context.Value(ScriptFile);
        if (file is null && !context.Has(Model.InGraph))
            throw CommandException.Usage("lint needs a script file, or a graph with --in_graph", "transform_graph lint script.gtt, or transform_graph lint --for=tf1.15 --in_graph=graph.pb");
        using LoadedModel? model = context.Has(Model.InGraph) ? Model.Open(context, acceptsFlaws: true) : null;
        ScriptText? text = file is null ? null : ScriptSource.ReadFile(file, context.Cancellation);
        List<Diagnostic> found = [.. text is null ? [] : ScriptProblems(text, model?.Graph, context), .. model is null ? [] : ModelProblems(model), .. model is null ? [] : TargetProblems(model, file, context)];
        bool isWrong = found.Exists(diagnostic => diagnostic.Severity == Severity.Error);
        if (context.IsJson)
        {
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, file = text?.Name ?? model!.Path, diagnostics = found.Select(RunReport.Describe) }));
            return isWrong ? ExitCodes.Failed : ExitCodes.Done;
        }
        foreach (Diagnostic diagnostic in found)
            Console.Out.WriteLine(DiagnosticRenderer.Render(diagnostic, text?.Text, text?.Name));
        if (found.Count == 0)
            Console.Out.WriteLine($"{text?.Name ?? model!.Path}: nothing to report");
        return isWrong ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static IReadOnlyList<Diagnostic> ScriptProblems(ScriptText text, Graph? graph, CommandContext context)
    {
        Script script = ScriptSource.Parse(text, context.IsQuiet);
        return ScriptLint.Find(script, context.Catalog, graph);
    }

    private static IEnumerable<Diagnostic> ModelProblems(LoadedModel model) =>
    [
        .. model.Diagnostics.Where(diagnostic => diagnostic.Severity != Severity.Info),
        .. model.Flaws,
        .. ImportProblems.Of(model.Graph).Take(MostProblems).Select(problem => CliDiagnostics.ImportProblem.With(problem.Message) with { Node = problem.Node }),
    ];

    private static IReadOnlyList<Diagnostic> TargetProblems(LoadedModel model, string? scriptFile, CommandContext context)
    {
        string? target = context.Value(For);
        if (target is null && scriptFile is not null)
            return [];
        return TargetCheck.Find(target, model, context.Catalog, context.Cancellation)
            ?? throw CommandException.Usage($"--for: there is no target '{target}'", $"Targets are tf0.12 to tf{TensorFlowRelease.Newest.Version}, and onnx-opset-N.");
    }
}
