using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Binding;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Testing;

/// <summary>Checks of transforms, for any test framework.</summary>
public static class TransformTest
{
    private const int Seed = 1;

    /// <summary>Runs a transform as the pipeline does and checks that it keeps what the graph computes and everything else that a run asks of a step, see the package's README.</summary>
    /// <param name="transform">The transform.</param>
    /// <param name="graph">A graph that it is for.</param>
    /// <param name="feeds">Values of the inputs by name; null for random ones of the placeholders' types and shapes, the same in every run.</param>
    /// <param name="options">Options record, inputs, outputs, mode.</param>
    /// <exception cref="TransformTestException">Something is wrong; the message says what.</exception>
    public static TransformCheck Check(ITransform transform, Graph graph, IReadOnlyDictionary<string, Tensor>? feeds = null, TransformTestOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(transform);
        ArgumentNullException.ThrowIfNull(graph);
        options ??= new();
        RequireReadableOptions(transform);
        string before = GraphText.Print(graph);
        string[] outputs = options.Outputs.IsEmpty ? [.. LikelyOutputs.Of(graph).Select(node => node.Name)] : [.. options.Outputs];
        var source = new SingleTransform(transform, options.Options);
        var check = new StepCheck(source.Backend, outputs, feeds ?? Feeds(graph));
        var pipeline = new PipelineOptions { InputNames = options.Inputs, OutputNames = [.. outputs], Mode = options.Mode, Check = check };

        var (result, step) = Run(source, graph, pipeline);
        RequireSame(before, GraphText.Print(graph), "the transform changed the graph that it was given; graphs, nodes and tensors are immutable");
        if (step.Diagnostics.FirstOrDefault(diagnostic => diagnostic.Id.StartsWith("TFX41", StringComparison.Ordinal)) is { } repaired)
            throw new TransformTestException($"the result needed repair or could not be compared: {repaired}");
        string after = GraphText.Print(result);
        RequireSame(after, GraphText.Print(Run(source, graph, pipeline).Graph), "the transform gives another result when it is run again");
        RequireSame(after, GraphText.Print(Stored(result)), "the result is not the same after it was written to a file and read");
        return new(result, step.Diagnostics, step.Statistics, check.Compared == 0 ? null : check.Largest);
    }

    /// <summary>Checks that a transform makes of one graph exactly another, both in text form; layout and comments do not count.</summary>
    /// <param name="transform">The transform.</param>
    /// <param name="before">The graph.</param>
    /// <param name="after">What is expected.</param>
    /// <param name="options">Options record, inputs, outputs, mode.</param>
    /// <exception cref="TransformTestException">The result is another graph; the message shows both where they differ.</exception>
    public static void Rewrites(ITransform transform, string before, string after, TransformTestOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(transform);
        options ??= new();
        var pipeline = new PipelineOptions { InputNames = options.Inputs, OutputNames = options.Outputs, Mode = options.Mode };
        Graph result = Run(new(transform, options.Options), GraphText.Parse(before), pipeline).Graph;
        RequireSame(GraphText.Print(GraphText.Parse(after)), GraphText.Print(result), "the transform gives another graph");
    }

    /// <summary>Random values for every placeholder, the same in every run; an unknown dimension counts as 1.</summary>
    /// <exception cref="TransformTestException">A placeholder has no type, or one without random values.</exception>
    public static IReadOnlyDictionary<string, Tensor> Feeds(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderV2"))
        {
            try
            {
                feeds.Add(node.Name, RandomTensors.Create(GraphInputs.TypeOf(node), GraphInputs.ShapeOf(node), Seed + feeds.Count));
            }
            catch (FeedException error)
            {
                throw new TransformTestException($"give a value for the input '{node.Name}': {error.Message}", error);
            }
        }
        return feeds;
    }

    private static (Graph Graph, StepRecord Step) Run(SingleTransform source, Graph graph, PipelineOptions options)
    {
        PipelineResult result = new PipelineRunner(source).Run(graph, new Script([new TransformCall(null, source.Name, [])]), options, CancellationToken.None);
        return result.Failure is { } failure
            ? throw new TransformTestException(failure.Diagnostic.Suggestion is { } suggestion ? $"{failure.Diagnostic} {suggestion}" : $"{failure.Diagnostic}", failure.Cause)
            : (result.Graph!, result.Steps[0]);
    }

    private static void RequireReadableOptions(ITransform transform)
    {
        try
        {
            OptionsSchema.Of(transform.OptionsType);
        }
        catch (InvalidOperationException error)
        {
            throw new TransformTestException($"scripts cannot give the options: {error.Message}", error);
        }
    }

    private static Graph Stored(Graph graph)
    {
        using var file = new MemoryStream();
        GraphDefWriter.Write(graph, file);
        return GraphDefReader.Read(file.ToArray());
    }

    private static void RequireSame(string expected, string actual, string message)
    {
        if (expected == actual)
            return;
        string[] wanted = expected.Split('\n'), got = actual.Split('\n');
        int line = 0;
        while (line < wanted.Length && line < got.Length && wanted[line] == got[line])
            line++;
        throw new TransformTestException($"{message}; line {line + 1} is\n  {(line < got.Length ? got[line] : "(the end)")}\nnot\n  {(line < wanted.Length ? wanted[line] : "(the end)")}\nThe whole graph:\n{actual}");
    }
}

/// <summary>How a transform is run.</summary>
public sealed record TransformTestOptions
{
    /// <summary>The transform's options record; null for one with every default.</summary>
    public object? Options { get; init; }

    /// <summary>The run's inputs, as <c>--inputs</c>.</summary>
    public ImmutableArray<string> Inputs { get; init; } = [];

    /// <summary>The run's outputs, as <c>--outputs</c>; empty for the nodes without a consumer.</summary>
    public ImmutableArray<string> Outputs { get; init; } = [];

    /// <summary>Safe, or verbatim for a transform that writes what the original did.</summary>
    public TransformMode Mode { get; init; }
}

/// <summary>A transform that passed.</summary>
/// <param name="Graph">The graph that it gave.</param>
/// <param name="Diagnostics">What it reported.</param>
/// <param name="Statistics">What it counted.</param>
/// <param name="LargestDifference">Largest difference of an output relative to its largest magnitude; null when the graph was left as it was, so that nothing was compared.</param>
public sealed record TransformCheck(Graph Graph, ImmutableArray<Diagnostic> Diagnostics, ImmutableArray<Statistic> Statistics, double? LargestDifference);

/// <summary>A transform does not do what it should.</summary>
public sealed class TransformTestException(string message, Exception? inner = null) : Exception(message, inner);
