using System.CommandLine;
using System.Globalization;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Host.Execution;
using TransformFramework.Host.Models;
using TransformFramework.Host.Reporting;

namespace TransformFramework.Host.Commands;

/// <summary>Measures how often a classifier is right on labelled pictures, and how often it answers as a reference does.</summary>
internal static class EvaluateCommand
{
    private static readonly Option<string> InGraph = CommonOptions.InGraph();
    private static readonly Option<string> Data = new("--data") { HelpName = "D.npz|FOLDER", Description = "Arrays images and labels, or a folder of pictures with a class in the name of each sub-folder or picture; ?mean=M&scale=S&divide=D after it" };
    private static readonly Option<string> Reference = new("--reference") { HelpName = "FILE", Description = "Another graph, to count the same answers" };
    private static readonly Option<string> Inputs = new("--inputs") { HelpName = "NAME", Description = "Name of the input; without it the only placeholder" };
    private static readonly Option<string> Outputs = new("--outputs") { HelpName = "NAME", Description = "Name of the scores; without it what nobody reads" };
    private static readonly Option<string> Batch = new("--batch") { HelpName = "N", Description = "Pictures run at a time; 1 without it" };

    public static Command Create(CancellationToken cancellation)
    {
        var command = new Command("evaluate", "Measures the accuracy of a classifier on labelled pictures") { InGraph, Data, Reference, Inputs, Outputs, Batch };
        command.SetAction(parsed => Run(parsed, cancellation));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellation)
    {
        string data = PathExpansion.Expand(parsed.Required(Data));
        int batch = (int)parsed.Integer(Batch, otherwise: 1, least: 1, most: int.MaxValue);
        Accuracy accuracy = Measure(parsed, PathExpansion.Expand(parsed.Required(InGraph)), data, batch, cancellation);
        Accuracy? reference = parsed.GetValue(Reference) is { } path ? Measure(parsed, PathExpansion.Expand(path), data, batch, cancellation) : null;
        if (parsed.IsJson())
        {
            Console.Out.WriteLine(RunReport.Serialize(new
            {
                schema_version = 1,
                pictures = accuracy.Pictures,
                top1 = accuracy.Top1,
                top5 = accuracy.Top5,
                reference_top1 = reference?.Top1,
                same_answers = reference?.SameAs(accuracy),
            }));
            return ExitCodes.Done;
        }
        Console.Out.WriteLine($"{accuracy.Pictures} pictures: top-1 {Share(accuracy.Top1, accuracy)}, top-5 {Share(accuracy.Top5, accuracy)}");
        if (reference is not null)
            Console.Out.WriteLine($"reference: top-1 {Share(reference.Top1, reference)}; same answer on {Share(reference.SameAs(accuracy), accuracy)}");
        return ExitCodes.Done;
    }

    /// <summary>How often a graph is right on labelled pictures.</summary>
    /// <param name="backend">Runs the graph.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="inputName">Name of the pictures' input; null for the only placeholder.</param>
    /// <param name="outputName">Name of the scores; null for what nobody reads.</param>
    /// <param name="data">What holds the pictures, see <see cref="LabelledData"/>.</param>
    /// <param name="batch">Pictures run at a time.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="CommandException">The names or the data do not fit the graph.</exception>
    public static Accuracy Measure(IBackend backend, Graph graph, string? inputName, string? outputName, string data, int batch, CancellationToken cancellation)
    {
        string output = GraphOutputs.Resolve(graph, outputName)[0];
        Node input = GraphInputs.Resolve(graph, inputName);
        try
        {
            var pictures = LabelledData.Open(data, GraphInputs.TypeOf(input), GraphInputs.ShapeOf(input));
            IExecutable executable = backend.Compile(graph, [output], new CompileOptions { Feeds = [input.Name], Print = Console.Error.WriteLine });
            return Accuracy.Measure(executable, input.Name, pictures, batch, cancellation);
        }
        catch (FeedException error)
        {
            throw CommandException.Usage($"the pictures: {error.Message}");
        }
    }

    /// <summary>The accuracy of a graph beside that of the graph it came from.</summary>
    public static string Describe(Accuracy before, Accuracy after) =>
        $"accuracy on {after.Pictures} pictures: {Share(before.Top1, before)} before, {Share(after.Top1, after)} after; same answer on {Share(after.SameAs(before), after)}";

    /// <summary>A count with its share of all pictures.</summary>
    public static string Share(int count, Accuracy accuracy) =>
        string.Create(CultureInfo.InvariantCulture, $"{100.0 * count / Math.Max(1, accuracy.Pictures):0.00} % ({count})");

    private static Accuracy Measure(ParseResult parsed, string path, string data, int batch, CancellationToken cancellation)
    {
        using LoadedModel model = ModelFile.Open(path, cancellation);
        return Measure(parsed.Backend(), model.Graph, parsed.GetValue(Inputs), parsed.GetValue(Outputs), data, batch, cancellation);
    }
}
