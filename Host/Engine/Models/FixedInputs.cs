using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Simplification;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Models;

/// <summary>Puts constants in place of placeholders that get a fixed value, and drops the branches that then never run.</summary>
internal static class FixedInputs
{
    /// <summary>The graph with a constant for each fixed placeholder that is still one.</summary>
    /// <param name="content">The model, whose public names count beside node names.</param>
    /// <param name="values">Values as text (<c>true</c>, <c>0.5</c>, <c>1,2,3</c>), by public name or node name.</param>
    /// <param name="isComplete">The model's reader knows the values too, and may have dropped a placeholder.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="ModelFormatException">There is no such placeholder, or the text is no value of its type.</exception>
    public static Graph Apply(ModelContent content, ImmutableDictionary<string, string> values, bool isComplete, CancellationToken cancellation)
    {
        Graph graph = content.Graph;
        if (values.IsEmpty)
            return graph;
        var endpoints = new ModelEndpoints(graph, content.Signature, content.OwnNames);
        foreach (var (name, text) in values.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            string node = endpoints.FindInput(name)?.Node ?? name;
            if (!isComplete || FixedValue.Takes(graph.Find(node)))
                graph = Fixed(graph, node, name, text);
        }
        if (ReferenceEquals(graph, content.Graph))
            return graph;
        return DeadBranches.Remove(graph, content.Signature is { } signature ? [.. signature.Outputs.Select(output => output.Tensor)] : [], cancellation);
    }

    private static Graph Fixed(Graph graph, string node, string name, string text)
    {
        try
        {
            return FixedValue.Apply(graph, node, text);
        }
        catch (TransformException error)
        {
            throw new ModelFormatException(EngineDiagnostics.MismatchedValue.Format(name, error.Message), error)
            {
                DiagnosticId = EngineDiagnostics.MismatchedValue.Id,
                Suggestion = error.Kind == StatusKind.NotFound ? "'transform_graph summarize' shows the placeholders." : "Name a placeholder and a value of its type, for example --set=is_training=false or --set=rate=0.5.",
            };
        }
    }
}
