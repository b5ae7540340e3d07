using System.CommandLine;
using System.Globalization;
using System.Text;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Reports;

namespace TransformFramework.Cli.Commands;

/// <summary>Runs a graph on given inputs and shows or saves what it computes.</summary>
internal static class RunCommand
{
    private const int ShownValues = 8;

    private static readonly Option<string> InGraph = CommonOptions.InGraph();
    private static readonly Option<string[]> Feed = CommonOptions.Feed();
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "NAMES", Description = "Names of the outputs, separated by commas; without it what nobody reads" };
    private static readonly Option<string> Save = new("--save") { HelpName = "FILE.npz", Description = "An .npz file for every output, named after it (/ as __)" };
    private static readonly Option<string> Labels = new("--labels") { HelpName = "FILE", Description = "A text file with the name of a class a line" };
    private static readonly Option<string> Top = new("--top") { HelpName = "N", Description = "How many best classes to name; 5 without it" };
    private static readonly Option<string> MaxIterations = CommonOptions.MaxIterations();

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("run", "Runs a graph on given inputs") { InGraph, Feed, Outputs, Save, Labels, Top, MaxIterations };
        command.SetAction(parsed => Run(parsed, cancellation));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellation)
    {
        string path = PathExpansion.Expand(parsed.Required(InGraph));
        int top = (int)parsed.Integer(Top, otherwise: 5, least: 1, most: int.MaxValue);
        string[]? labels = parsed.GetValue(Labels) is { } file ? ReadLabels(file) : null;
        using LoadedModel model = ModelFile.Open(path, cancellation);
        string[] outputs = GraphOutputs.Resolve(model.Graph, parsed.GetValue(Outputs));
        var feeds = FeedArguments.Resolve(model.Graph, outputs, parsed.GetValue(Feed) ?? []);
        var options = new CompileOptions { Feeds = [.. feeds.Keys], MaxLoopIterations = parsed.MaxLoopIterations(MaxIterations), Print = Console.Error.WriteLine };
        var results = parsed.Backend().Compile(model.Graph, outputs, options).Run(feeds, cancellation);
        if (parsed.GetValue(Save) is { } target)
            SaveArrays(target, outputs, results);
        if (parsed.IsJson())
        {
            var report = outputs.Zip(results).Select(pair => new { name = pair.First, type = pair.Second.Type.Name(), shape = pair.Second.Shape.Dimensions, values = Values(pair.Second, int.MaxValue) });
            Console.Out.WriteLine(RunReport.Serialize(new { schema_version = 1, outputs = report }));
            return ExitCodes.Done;
        }
        foreach (var (name, tensor) in outputs.Zip(results))
        {
            Console.Out.WriteLine($"{name} {tensor.Type.Name()} {tensor.Shape} [{string.Join(", ", Values(tensor, ShownValues))}{(tensor.ElementCount > ShownValues ? ", …" : "")}]");
            if (labels is not null)
                PrintTop(tensor, labels, top);
        }
        return ExitCodes.Done;
    }

    private static string[] ReadLabels(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"--labels: '{file}' cannot be read: {error.Message}", "Give a text file with the name of a class a line.");
        }
    }

    private static void SaveArrays(string target, string[] outputs, IReadOnlyList<Tensor> results)
    {
        try
        {
            using FileStream stream = File.Create(target);
            NpzFile.Write(stream, outputs.Zip(results).Select(pair => KeyValuePair.Create(pair.First.Replace("/", "__", StringComparison.Ordinal), pair.Second)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CommandException(ExitCodes.Failed, Diagnostic.Error("TFX0103", $"--save: '{target}' cannot be written: {error.Message}") with { Suggestion = "Check that the folder exists and may be written to." });
        }
    }

    private static void PrintTop(Tensor tensor, string[] labels, int count)
    {
        if (tensor.Type == DataType.String || tensor.Shape.Rank == 0)
            return;
        float[] values = tensor.ToSingles();
        int columns = (int)tensor.Shape[tensor.Shape.Rank - 1];
        for (int row = 0; columns > 1 && row < values.Length / columns; row++)
        {
            float[] scores = values[(row * columns)..((row + 1) * columns)];
            foreach (int index in Enumerable.Range(0, columns).OrderByDescending(i => scores[i]).Take(count))
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {scores[index],12:G6}  {index,5}  {(index < labels.Length ? labels[index] : "(no label)")}"));
        }
    }

    private static IEnumerable<string> Values(Tensor tensor, int count) => tensor.Type switch
    {
        DataType.String => tensor.Strings.Take(count).Select(text => Encoding.UTF8.GetString(text.Span)),
        DataType.Bool => tensor.AsSpan<bool>()[..(int)Math.Min(count, tensor.ElementCount)].ToArray().Select(value => value ? "true" : "false"),
        DataType.Int64 => tensor.AsSpan<long>()[..(int)Math.Min(count, tensor.ElementCount)].ToArray().Select(value => value.ToString(CultureInfo.InvariantCulture)),
        DataType.Double => tensor.AsSpan<double>()[..(int)Math.Min(count, tensor.ElementCount)].ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture)),
        DataType.Complex64 or DataType.Complex128 or DataType.Resource or DataType.Variant => ["…"],
        _ => tensor.ToSingles().Take(count).Select(value => value.ToString("G9", CultureInfo.InvariantCulture)),
    };
}
