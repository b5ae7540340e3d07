using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Binding;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Pipeline;

/// <summary>Finds inputs and outputs of a run that the graph does not have; the original takes no notice of them.</summary>
internal static class Endpoints
{
    public static IEnumerable<Diagnostic> Warnings(Graph graph, PipelineOptions options) =>
        options.Mode == TransformMode.Verbatim ? [] : [.. Missing(graph, options.InputNames, "--inputs"), .. Missing(graph, options.OutputNames, "--outputs")];

    private static IEnumerable<Diagnostic> Missing(Graph graph, IEnumerable<string> names, string list)
    {
        foreach (string name in names.Where(name => !graph.TryFind(new NodeInput(name).Node, out _)))
        {
            string? nearest = Suggestions.Nearest(new NodeInput(name).Node, graph.Nodes.Select(node => node.Name));
            yield return EngineDiagnostics.UnknownEndpoint.With(list, name) with
            {
                Suggestion = nearest is null ? "'transform_graph summarize' shows inputs and outputs." : $"Did you mean '{nearest}'?",
            };
        }
    }
}
