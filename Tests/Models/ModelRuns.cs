using System.Collections.Immutable;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Models;

/// <summary>Opens models, transforms them and runs them, as users do.</summary>
internal static class ModelRuns
{
    public const string Missing = "../shared/models and ../shared/oracle-models are not there";

    private static readonly Lazy<PluginCatalog> Catalog = new(() => PluginCatalog.Discover([]));

    public static IBackend Backend => Catalog.Value.Backend!;

    public static LoadedModel Open(ModelRecord record) => ModelFile.Open(SharedFiles.Find(record.File)!, CancellationToken.None);

    public static Graph Transform(ModelRecord record, Graph graph, TransformMode mode) => Transform(graph, record.Transforms, record.Inputs, record.Outputs, mode).Graph!;

    /// <summary>Runs a script that must succeed.</summary>
    public static PipelineResult Transform(Graph graph, string script, ImmutableArray<string> inputs, ImmutableArray<string> outputs, TransformMode mode)
    {
        var options = new PipelineOptions { InputNames = inputs, OutputNames = outputs, Mode = mode };
        var result = new PipelineRunner(Catalog.Value).Run(graph, ScriptParser.Parse(script).Script!, options, CancellationToken.None);
        Assert.True(result.Failure is null, result.Failure?.Diagnostic.Message);
        return result;
    }
}
