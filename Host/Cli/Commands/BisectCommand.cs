using System.CommandLine;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;
using TransformFramework.Workflows.Bisection;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Finds the step of a script that breaks a graph or costs its accuracy.</summary>
internal static class BisectCommand
{
    private static readonly ModelArguments Model = new();
    private static readonly ScriptArguments Transforms = new();
    private static readonly Option<string> Inputs = CommonOptions.Inputs();
    private static readonly Option<string> Outputs = CommonOptions.Outputs();
    private static readonly Option<string[]> Feed = CommonOptions.Feed();
    private static readonly Option<string> Tolerance = new("--tolerance") { HelpName = "RATIO", Description = "Largest difference of an output that is good, relative to its largest magnitude; 0.01 without it" };
    private static readonly Option<string> Evaluate = new("--evaluate") { HelpName = "D.npz|FOLDER", Description = "Labelled images, as 'evaluate --data' takes them: a graph is bad when it loses accuracy, instead of when its outputs differ" };
    private static readonly Option<string> MaxDrop = new("--max_drop") { HelpName = "POINTS", Description = "Percentage points of accuracy that may be lost, with --evaluate; 1 without it" };
    private static readonly Option<string> Verbatim = CommonOptions.Flag("--verbatim", "Run the script as the original tool does, flaws included");

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("bisect", "Finds the step of a script that breaks a graph or its accuracy") { Inputs, Outputs, Transforms.Script, Transforms.File, Feed, Tolerance, Evaluate, MaxDrop, Verbatim };
        Model.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        ScriptText text = Transforms.Read(context);
        double tolerance = context.Real(Tolerance, otherwise: 0.01);
        double drop = context.Real(MaxDrop, otherwise: 1);
        using LoadedModel model = Model.Open(context, context.Value(Outputs));
        string[] outputs = GraphOutputs.Resolve(model.Endpoints, context.Value(Outputs)).Tensors();
        string[] inputs = GraphInputs.ResolveAll(model.Endpoints, context.Value(Inputs)).Tensors();
        IReadOnlyDictionary<string, Tensor> feeds = context.Values(Feed) is { Length: > 0 } given ? FeedArguments.Resolve(model.Endpoints, outputs, given) : FeedArguments.Random(model.Graph, outputs, seed: 1);
        Func<Graph, string?> fault = context.Path(Evaluate) is { } data ? GraphFaults.OfAccuracy(AccuracyOf, model.Graph, drop) : GraphFaults.OfOutputs(context.Backend, model.Graph, outputs, feeds, tolerance, context.Cancellation);
        using var progress = ProgressDisplay.For(context);
        var bisection = new ScriptBisection(context.Catalog, text, fault, progress);
        var options = new PipelineOptions { InputNames = [.. inputs], OutputNames = [.. outputs], Mode = context.Has(Verbatim) ? TransformMode.Verbatim : TransformMode.Safe };
        BisectionResult? result = bisection.Run(model.Graph, options, context.Cancellation);
        if (result is not null && fault(model.Graph) is { } unsteady)
            throw CommandException.Usage($"the graph before the first step is bad by itself, so no step can be blamed: {unsteady}", "Its results differ from run to run, as those of random ops do. Raise --tolerance, or name --outputs that do not depend on such ops.");
        if (result is not null)
            result = BlamedNodes.Fill(result, context.Backend, outputs, feeds, tolerance, context.Cancellation);
        progress.Dispose();
        Print(context, result, text, bisection.Runs);
        return result is null ? ExitCodes.Done : ExitCodes.Failed;

        double AccuracyOf(Graph graph)
        {
            Accuracy accuracy = Accuracy.Measure(context.Backend, new ModelEndpoints(graph, signature: null), inputs.FirstOrDefault(), outputs[0], data!, batch: 1, Console.Error.WriteLine, context.Cancellation);
            return accuracy.Percent(accuracy.Top1);
        }
    }

    private static void Print(CommandContext context, BisectionResult? result, ScriptText text, int runs)
    {
        if (context.IsJson)
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                runs,
                step = result?.Step,
                transform = result?.Call.QualifiedName,
                line = result?.Call.Span.Line,
                fault = result?.Fault,
                nodes = result?.Nodes.Select(node => new { name = node.Name, reason = node.Reason }),
            }));
            return;
        }
        if (result is null)
        {
            Console.Out.WriteLine("No step is to blame: the graph after the last one is good.");
            return;
        }
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {result.Step}, {result.Call.QualifiedName} ({text.Name}:{result.Call.Span.Line}), is the first bad one: {result.Fault}"));
        foreach (BlamedNode node in result.Nodes)
            Console.Out.WriteLine($"  {node.Name}: {node.Reason}");
        Console.Out.WriteLine($"{runs} graphs judged. 'transform_graph reduce' makes the smallest graph that shows it.");
    }
}
