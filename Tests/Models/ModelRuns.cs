using TransformFramework.Dsl.Syntax;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Host.Models;
using TransformFramework.Host.Pipeline;
using TransformFramework.Host.PluginLoading;
using TransformFramework.Transforms;

namespace TransformFramework.Models;

/// <summary>Opens models, transforms them and runs them, as users do.</summary>
internal static class ModelRuns
{
    public const string Missing = "../shared/models and ../shared/oracle-models are not there";

    private static readonly Lazy<PluginCatalog> Catalog = new(() => PluginCatalog.Discover([]));

    public static IBackend Backend => Catalog.Value.Backend!;

    public static LoadedModel Open(ModelRecord record) => ModelFile.Open(SharedFiles.Find(record.File)!, CancellationToken.None);

    public static Graph Transform(ModelRecord record, Graph graph, TransformMode mode)
    {
        var options = new PipelineOptions { InputNames = record.Inputs, OutputNames = record.Outputs, Mode = mode };
        var result = new TransformPipeline(Catalog.Value).Run(graph, ScriptParser.Parse(record.Transforms).Script!, options, CancellationToken.None);
        Assert.True(result.Failure is null, result.Failure?.Diagnostic.Message);
        return result.Graph!;
    }
}
