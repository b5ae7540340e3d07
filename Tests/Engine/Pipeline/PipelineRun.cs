using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Tests.Pipeline;

/// <summary>Transforms of a test, and runs of scripts that call them.</summary>
internal sealed class PipelineRun : ITransformSource
{
    private readonly Dictionary<string, Func<Graph, TransformContext, Graph>> transforms = new(StringComparer.Ordinal);

    /// <summary>Names of the transforms that were applied, in order.</summary>
    public List<string> Applied { get; } = [];

    public IEnumerable<string> Names => transforms.Keys;

    public IBackend? Backend => null;

    /// <summary>Names of the transforms that round or quantize.</summary>
    public HashSet<string> Lossy { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of the transforms that the original does not have.</summary>
    public HashSet<string> Additional { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a transform with an argument <c>number</c>.</summary>
    public PipelineRun With(string name, Func<Graph, TransformContext, Graph> transform)
    {
        transforms.Add(name, transform);
        return this;
    }

    public PipelineRun With(string name, Func<Graph, Graph> transform) => With(name, (graph, _) => transform(graph));

    /// <summary>Adds a transform that gives a graph from its text, whatever it gets.</summary>
    public PipelineRun Giving(string name, string graph) => With(name, _ => GraphText.Parse(graph));

    public TransformDescription? Find(string? plugin, string name) =>
        plugin is null && transforms.ContainsKey(name) ? new(name, "", [], IsClassic: !Additional.Contains(name), NeedsBackend: false, new("Tests", "1.0.0.0", "Tests.dll"), name) { IsLossy = Lossy.Contains(name) } : null;

    public ITransform Create(TransformDescription description) => new Delegated((graph, context) =>
    {
        Applied.Add(description.Name);
        return transforms[description.Name](graph, context);
    });

    public PipelineResult Run(string graph, string script, PipelineOptions? options = null, CancellationToken cancellation = default) =>
        new PipelineRunner(this).Run(GraphText.Parse(graph), Parse(script), options ?? new PipelineOptions(), cancellation);

    /// <summary>The graph that a script leaves.</summary>
    public string Text(string graph, string script, PipelineOptions? options = null)
    {
        PipelineResult result = Run(graph, script, options);
        Assert.Null(result.Failure?.Diagnostic.ToString());
        return GraphText.Print(result.Graph!).TrimEnd();
    }

    /// <summary>How a script fails.</summary>
    public StepFailure Failure(string graph, string script, PipelineOptions? options = null)
    {
        PipelineResult result = Run(graph, script, options);
        Assert.Null(result.Graph);
        Assert.NotNull(result.Failure);
        Assert.Equal(Severity.Error, result.Failure.Diagnostic.Severity);
        return result.Failure;
    }

    public static Script Parse(string script) => ScriptParser.Parse(script).Script ?? throw new ArgumentException($"'{script}' is no script", nameof(script));

    public sealed record Options
    {
        [Option("number", "A number.")]
        public int Number { get; init; }
    }

    private sealed class Delegated(Func<Graph, TransformContext, Graph> apply) : Transform<Options>
    {
        protected override Graph Apply(Graph graph, Options options, TransformContext context) => apply(graph, context);
    }
}
