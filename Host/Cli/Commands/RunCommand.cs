using System.CommandLine;
using System.Globalization;
using System.Text;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Cli.Rendering;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Files;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Inspection;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Runs a graph on given inputs and shows or saves what it computes.</summary>
internal static class RunCommand
{
    private const int ShownValues = 8;

    private static readonly ModelArguments Model = new();
    private static readonly ArithmeticArguments Arithmetic = new();
    private static readonly Option<string[]> Feed = CommonOptions.Feed();
    private static readonly Option<string> Outputs = CommonOptions.Outputs();
    private static readonly Option<string> Save = new("--save") { HelpName = "FILE", Description = "An .npz file for every output, named after it (/ as __), or a .npy file for the only one" };
    private static readonly Option<string> Labels = new("--labels") { HelpName = "FILE", Description = "A text file with the name of a class a line" };
    private static readonly Option<string> Top = new("--top") { HelpName = "N", Description = "How many best classes to name; 5 without it" };
    private static readonly Option<string> MaxIterations = CommonOptions.MaxIterations();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("run", "Runs a graph on given inputs") { Feed, Outputs, Save, Labels, Top, MaxIterations };
        Model.AddTo(command);
        Arithmetic.AddTo(command);
        command.SetAction(parsed => Run(new(parsed, cancellation)));
        return command;
    }

    private static int Run(CommandContext context)
    {
        string path = Model.PathOf(context);
        int top = (int)context.Integer(Top, otherwise: 5, least: 1, most: int.MaxValue);
        string[]? labels = context.Path(Labels) is { } file ? ReadLabels(file) : null;
        string? target = context.OutputPath(Save);
        if (target is not null)
            CheckTarget(target);
        using LoadedModel model = Model.OpenPath(context, path, context.Value(Outputs));
        var outputs = GraphOutputs.Resolve(model.Endpoints, context.Value(Outputs), acceptsNone: true);
        if (target is not null && IsSingleArray(target) && outputs.Length != 1)
            throw CommandException.Usage($"--save: a .npy file holds one array, and there are {outputs.Length} outputs", "Save an .npz file, or name one output with --outputs.");
        string[] tensors = outputs.Tensors();
        var feeds = Feeds(context, model, tensors);
        var options = new CompileOptions { Feeds = [.. feeds.Keys], MaxLoopIterations = context.MaxLoopIterations(MaxIterations), Print = PrinterOf(context) };
        var results = Arithmetic.Backend(context).Compile(model.Graph, tensors, options).Run(feeds, context.Cancellation);
        RunOutput[] computed = [.. outputs.Select((output, i) => new RunOutput(output.Name, results[i], labels is null ? [] : Classes(results[i], labels, top)))];
        foreach (RunOutput output in computed)
            Warn(context, output, labels);
        if (Array.Exists(computed, output => output.NotFinite > 0) && !context.IsQuiet && NotFiniteOrigin.Diagnose(context.Backend, model.Graph, tensors, feeds, options with { Print = null }, context.Cancellation) is { } origin)
            context.Say([origin]);
        if (target is not null)
            SaveArrays(context, target, computed);
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, outputs = computed.Select(output => output.ToReport()) }));
        else
            Print(context, computed, target);
        return ExitCodes.Done;
    }

    /// <summary>The feeds. An op that nothing can run is reported before an input that lacks a value.</summary>
    private static Dictionary<string, Tensor> Feeds(CommandContext context, LoadedModel model, string[] outputs)
    {
        try
        {
            return FeedArguments.Resolve(model.Endpoints, outputs, context.Values(Feed));
        }
        catch (FeedException)
        {
            CheckOps(context.Backend, model.Graph, outputs);
            throw;
        }
    }

    private static void CheckOps(IBackend backend, Graph graph, string[] outputs)
    {
        try
        {
            backend.Compile(graph, outputs, new CompileOptions { UseReferenceKernels = true });
        }
        catch (ExecutionException error) when (error.Kind != StatusKind.Unimplemented)
        {
            // Whatever else hinders the run is reported when the inputs have values.
        }
    }

    /// <summary>What nodes of the graph print goes to standard error, and into a file that takes the results as text, too: so both '> log.txt' and '2> log.txt' keep a log of ranges.</summary>
    private static Action<string> PrinterOf(CommandContext context) => Console.IsOutputRedirected && !context.IsJson
        ? line =>
        {
            Console.Error.WriteLine(line);
            Console.Out.WriteLine(line);
        }
    : Console.Error.WriteLine;

    private static void Print(CommandContext context, RunOutput[] outputs, string? target)
    {
        if (context.IsQuiet)
            return;
        foreach (RunOutput output in outputs)
            Console.Out.WriteLine(output.ToText());
        if (target is not null)
            Console.Out.WriteLine($"{target}: {string.Join(", ", outputs.Select(output => output.Name))}");
    }

    /// <summary>The ending names the format; without one, and for pipes and devices, it is an archive.</summary>
    private static void CheckTarget(string target)
    {
        if (!IsSingleArray(target) && Path.GetExtension(target).ToLowerInvariant() is not ("" or ".npz") && !OutputPath.IsDeviceOrPipe(target))
            throw CommandException.Usage($"--save: '{target}' ends neither in .npz nor in .npy", "Save an .npz file for every output, or a .npy file for the only one.");
        OutputPlace.Check(target);
    }

    private static bool IsSingleArray(string path) => path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase);

    private static void Warn(CommandContext context, RunOutput output, string[]? labels)
    {
        if (output.NotFinite > 0)
            context.Say([CliDiagnostics.NotFiniteOutput.With(output.Name, output.NotFinite, output.Tensor.ElementCount)]);
        if (labels is not null && output.Columns is { } columns && columns != labels.Length && columns > 1)
            context.Say([CliDiagnostics.LabelsMisfit.With(output.Name, columns, labels.Length) with { Suggestion = columns == labels.Length + 1 ? "A class 0 for the background is usual; put its name first." : "Check that the labels are those of the model." }]);
    }

    private static string[] ReadLabels(string file)
    {
        try
        {
            string[] lines = File.ReadAllLines(file);
            return lines.Any(line => line.AsSpan().ContainsAny('\0', '\uFFFD')) ? throw CommandException.Usage($"--labels: '{file}' is not text in UTF-8", "Give a text file with the name of a class a line.") : lines;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"--labels: '{file}' cannot be read: {error.Message}", "Give a text file with the name of a class a line.");
        }
    }

    private static void SaveArrays(CommandContext context, string target, RunOutput[] outputs)
    {
        try
        {
            AtomicFile.Write(target, stream =>
            {
                if (IsSingleArray(target))
                    stream.Write(NpyFile.Write(outputs[0].Tensor));
                else
                    NpzFile.Write(stream, outputs.Select(output => KeyValuePair.Create(output.Name.Replace("/", "__", StringComparison.Ordinal), output.Tensor)));
            }, cancellation: context.Cancellation);
        }
        catch (InvalidDataException error)
        {
            throw new CommandException(ExitCodes.Failed, CliDiagnostics.ArrayNotSaved.With(target, error.Message) with { Suggestion = "Leave the output out with --outputs." });
        }
    }

    private static IReadOnlyList<ScoredClass> Classes(Tensor tensor, string[] labels, int count)
    {
        if (tensor.Type is DataType.String or DataType.Complex64 or DataType.Complex128 || tensor.Shape.Rank == 0)
            return [];
        float[] values = tensor.ToSingles();
        int columns = (int)tensor.Shape[tensor.Shape.Rank - 1];
        var classes = new List<ScoredClass>();
        for (int row = 0; columns > 1 && row < values.Length / columns; row++)
        {
            float[] scores = values[(row * columns)..((row + 1) * columns)];
            classes.AddRange(Enumerable.Range(0, columns).OrderByDescending(i => scores[i]).Take(count).Select(index => new ScoredClass(row, index, scores[index], index < labels.Length ? labels[index] : null)));
        }
        return classes;
    }
}
