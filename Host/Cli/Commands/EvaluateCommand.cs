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
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Cli.Commands;

/// <summary>Measures how often a classifier is right on labelled images, and how often it answers as a reference does.</summary>
internal static class EvaluateCommand
{
    private static readonly ModelArguments Model = new();
    private static readonly ArithmeticArguments Arithmetic = new();
    private static readonly Option<string> Data = new("--data") { HelpName = "D.npz|FOLDER", Description = "Arrays images and labels, a folder of images with a class in the name of each sub-folder or image, or a .tfrecord, .tar or list (FILE.list, @FILE) with classes in it; ?mean=M&scale=S&divide=D after it" };
    private static readonly Option<string> Reference = new("--reference") { HelpName = "FILE", Description = "Another graph, to count the same answers; it is run in full precision" };
    private static readonly Option<string> Inputs = new("--inputs") { HelpName = "NAME", Description = "Name of the input; without it the only placeholder" };
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "NAME", Description = "Name of the scores; without it what no node reads" };
    private static readonly Option<string> Batch = new("--batch") { HelpName = "N", Description = "Images run at a time; 1 without it" };

    private const string Step = "evaluate";
    private static readonly ShardArguments Shards = new();
    private static readonly ReportArguments Report = new();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("evaluate", "Measures the accuracy of a classifier on labelled images") { Data, Reference, Inputs, Outputs, Batch };
        Model.AddTo(command).AddFixedFeedsTo(command);
        Arithmetic.AddTo(command);
        Shards.AddTo(command);
        Report.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        if (Shards.ShardOf(context) is { } shard)
            return Shards.Run(context, Step, shard, Fingerprint(context), () => CountsOf(context, shard));
        if (Shards.MergedOf(context) is { } folder)
            return Merge(context, folder);
        bool isReported = Report.IsAsked(context);
        SampleSelection selection = Shards.SelectionOf(context, part: null);
        EvaluationResult result = Measure(context, selection, keepsAnswers: isReported);
        context.Say(result.Judged.ShiftedLabels is { } shifted ? [shifted] : []);
        if (isReported)
            WriteReport(context, context.RequiredPath(Data), result.Judged, result.Reference);
        return Print(context, result.Counts, selection.Bad!.Count);
    }

    private static (long Items, int Bad, Action<Stream> Write) CountsOf(CommandContext context, ShardNumber shard)
    {
        SampleSelection selection = Shards.SelectionOf(context, shard);
        EvaluationCounts counts = Measure(context, selection, keepsAnswers: false).Counts;
        return (counts.Images, selection.Bad!.Count, counts.Write);
    }

    private static int Merge(CommandContext context, ShardFolder folder)
    {
        if (Report.IsAsked(context))
            throw CommandException.Usage("--report and --merge are given", "A report shows single images, which shards do not keep; evaluate without --merge for it.");
        ShardFingerprint? fingerprint = (context.Value(Model.Graph) is not null || context.Has(Model.InGraph)) && context.Has(Data) ? Fingerprint(context) : null;
        var shards = Shards.Complete(context, folder, Step, fingerprint, out int bad);
        return Print(context, shards.Aggregate(EvaluationCounts.None, (counts, shard) => counts.With(shard.Read(EvaluationCounts.Read))), bad);
    }

    private static ShardFingerprint Fingerprint(CommandContext context)
    {
        using LoadedModel model = Model.OpenPath(context, Model.PathOf(context), context.Value(Outputs));
        using LoadedModel? reference = context.Path(Reference) is { } path ? Model.OpenPath(context, path, context.Value(Outputs), isOneOfTwo: true) : null;
        return ShardFingerprint.Of(reference is null ? [model.Graph] : [model.Graph, reference.Graph], context.Spelt([Inputs, Outputs, Batch, .. Model.Choices, .. Arithmetic.Options]), ShardArguments.FingerprintOf(context, Data), context.Cancellation);
    }

    private static int Print(CommandContext context, EvaluationCounts counts, int bad)
    {
        var (images, top1, top5, reference) = counts;
        SignalToNoise? noise = reference?.Noise;
        if (context.IsJson)
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                images,
                bad_samples = bad,
                top1,
                top5,
                reference_top1 = reference?.Top1,
                same_answers = reference?.Same,
                top1_95 = Ends(top1),
                same_answers_95 = reference is null ? null : Ends(reference.Same),
                sqnr_db = noise is null || !double.IsFinite(noise.Decibels) ? (double?)null : noise.Decibels,
                sqnr_db_95 = noise?.Interval is var (low, high) ? new[] { low, high } : null,
            }));
            return ExitCodes.Done;
        }
        Console.Out.WriteLine($"{images} images{ShardArguments.LeftOut(bad)}: top-1 {Accuracy.Share(top1, images)}{AccuracyText.Interval(top1, images)}, top-5 {Accuracy.Share(top5, images)}");
        if (reference is not null)
            Console.Out.WriteLine($"reference: top-1 {Accuracy.Share(reference.Top1, images)}; same answer on {Accuracy.Share(reference.Same, images)}{AccuracyText.Interval(reference.Same, images)}{(noise is null ? "" : $"; {AccuracyText.Difference(noise)}")}");
        return ExitCodes.Done;

        double[] Ends(int count) => ShareInterval.Of(count, images) is var (from, to) ? [from, to] : [];
    }

    private static void WriteReport(CommandContext context, string data, Accuracy accuracy, Accuracy? reference)
    {
        using LoadedModel model = Model.OpenPath(context, Model.PathOf(context), context.Value(Outputs));
        Report report = ReportArguments.Begin("evaluate", model.Path) with
        {
            BytesRead = model.FileBytes,
            Graph = GraphHistory.Single(model.Graph, model.Endpoints.Inputs.Tensors(), model.Endpoints.Outputs.Tensors()),
            Accuracy = AccuracyReport.Of(reference is null ? null : (context.Path(Reference)!, reference), (model.Path, accuracy), AccuracyReport.ThumbnailsOf(model.Endpoints, context.Value(Inputs), data)),
        };
        Report.Write(context, report.WithAccuracySummary());
    }

    private static EvaluationResult Measure(CommandContext context, SampleSelection selection, bool keepsAnswers)
    {
        int batch = (int)context.Integer(Batch, otherwise: 1, least: 1, most: int.MaxValue);
        using LoadedModel model = Model.OpenPath(context, Model.PathOf(context), context.Value(Outputs));
        using LoadedModel? reference = context.Path(Reference) is { } path ? Model.OpenPath(context, path, context.Value(Outputs), isOneOfTwo: true) : null;
        using ProgressDisplay progress = ProgressDisplay.For(context);
        EvaluatedGraph judged = Graph(Arithmetic.Backend(context), model);
        var run = new EvaluationRun(judged, reference is null ? null : Graph(context.Backend, reference)) { Batch = batch, Selection = selection, KeepsAnswers = keepsAnswers };
        EvaluationResult result = run.Measure(progress, context.Cancellation);
        bool isMostlyWrong = result.Counts.Images > 0 && result.Counts.Top1 * 2 < result.Counts.Images;
        if (isMostlyWrong && judged.Images.Count > 0 && selection.Bad is not { Count: > 0 } && SampleSurvey.Unscaled(model.Graph, judged.Input.Name, judged.Images.Batch(0, 1)) is { } unscaled)
            context.Say([unscaled]);
        return result;

        EvaluatedGraph Graph(IBackend backend, LoadedModel evaluated) => EvaluatedGraph.Of(backend, evaluated.Endpoints, context.Value(Inputs), context.Value(Outputs), context.RequiredPath(Data), batch, Console.Error.WriteLine);
    }
}
