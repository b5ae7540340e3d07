using System.CommandLine;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Evaluation;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Measures how often a classifier is right on labelled pictures, and how often it answers as a reference does.</summary>
internal static class EvaluateCommand
{
    private static readonly ModelArguments Model = new();
    private static readonly ArithmeticArguments Arithmetic = new();
    private static readonly Option<string> Data = new("--data") { HelpName = "D.npz|FOLDER", Description = "Arrays images and labels, or a folder of pictures with a class in the name of each sub-folder or picture; ?mean=M&scale=S&divide=D after it" };
    private static readonly Option<string> Reference = new("--reference") { HelpName = "FILE", Description = "Another graph, to count the same answers; it is run in full precision" };
    private static readonly Option<string> Inputs = new("--inputs") { HelpName = "NAME", Description = "Name of the input; without it the only placeholder" };
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "NAME", Description = "Name of the scores; without it what nobody reads" };
    private static readonly Option<string> Batch = new("--batch") { HelpName = "N", Description = "Pictures run at a time; 1 without it" };

    private static readonly ReportArguments Report = new();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("evaluate", "Measures the accuracy of a classifier on labelled pictures") { Data, Reference, Inputs, Outputs, Batch };
        Model.AddTo(command).AddFixedFeedsTo(command);
        Arithmetic.AddTo(command);
        Report.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        string data = context.RequiredPath(Data);
        bool isReported = Report.IsAsked(context);
        int batch = (int)context.Integer(Batch, otherwise: 1, least: 1, most: int.MaxValue);
        Accuracy accuracy = Measure(context, Arithmetic.Backend(context), Model.PathOf(context), data, batch);
        Accuracy? reference = context.Path(Reference) is { } path ? Measure(context, context.Backend, path, data, batch) : null;
        SignalToNoise? noise = reference is null ? null : accuracy.NoiseAgainst(reference);
        if (isReported)
            WriteReport(context, data, accuracy, reference);
        if (context.IsJson)
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                pictures = accuracy.Pictures,
                top1 = accuracy.Top1,
                top5 = accuracy.Top5,
                reference_top1 = reference?.Top1,
                same_answers = reference?.SameAs(accuracy),
                top1_95 = Ends(accuracy.Top1),
                same_answers_95 = reference is null ? null : Ends(reference.SameAs(accuracy)),
                sqnr_db = noise is null || !double.IsFinite(noise.Decibels) ? (double?)null : noise.Decibels,
                sqnr_db_95 = noise?.Interval is var (low, high) ? new[] { low, high } : null,
            }));
            return ExitCodes.Done;
        }
        Console.Out.WriteLine($"{accuracy.Pictures} pictures: top-1 {AccuracyText.Share(accuracy.Top1, accuracy)}{AccuracyText.Interval(accuracy.Top1, accuracy)}, top-5 {AccuracyText.Share(accuracy.Top5, accuracy)}");
        if (reference is not null)
            Console.Out.WriteLine($"reference: top-1 {AccuracyText.Share(reference.Top1, reference)}; same answer on {AccuracyText.Share(reference.SameAs(accuracy), accuracy)}{AccuracyText.Interval(reference.SameAs(accuracy), accuracy)}{(noise is null ? "" : $"; {AccuracyText.Difference(noise)}")}");
        return ExitCodes.Done;

        double[] Ends(int count) => ShareInterval.Of(count, accuracy.Pictures) is var (low, high) ? [low, high] : [];
    }

    private static void WriteReport(CommandContext context, string data, Accuracy accuracy, Accuracy? reference)
    {
        using LoadedModel model = Model.OpenPath(context, Model.PathOf(context), context.Value(Outputs));
        Report report = ReportArguments.Begin("evaluate", model.Path) with
        {
            BytesRead = model.FileBytes,
            Graph = GraphHistory.Single(model.Graph, model.Endpoints.Inputs.Tensors(), model.Endpoints.Outputs.Tensors()),
            Accuracy = AccuracyReport.Of(reference is null ? null : (context.Path(Reference)!, reference), (model.Path, accuracy), AccuracyReport.PicturesOf(model.Endpoints, context.Value(Inputs), data)),
        };
        Report.Write(context, report.WithAccuracySummary());
    }

    private static Accuracy Measure(CommandContext context, IBackend backend, string path, string data, int batch)
    {
        using LoadedModel model = Model.OpenPath(context, path, context.Value(Outputs));
        using ProgressDisplay progress = ProgressDisplay.For(context);
        return Accuracy.Measure(backend, model.Endpoints, context.Value(Inputs), context.Value(Outputs), data, batch, Console.Error.WriteLine, context.Cancellation, progress);
    }
}
