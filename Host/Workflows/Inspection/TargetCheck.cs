using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Inspection;

/// <summary>Whether a reader takes a graph: a release of TensorFlow (<c>tf1.15</c>), by the ops it knows, or a format that a plugin writes (<c>onnx-opset-17</c>), by writing it to nowhere.</summary>
public static class TargetCheck
{
    private const string OnnxPrefix = "onnx-opset-";

    /// <summary>What the target refuses, or null when there is no such target. Without a target: the oldest TensorFlow that reads the graph, and why.</summary>
    public static IReadOnlyList<Diagnostic>? Find(string? target, Graph graph, PluginCatalog catalog, CancellationToken cancellation)
    {
        if (target is null)
            return [Diagnostic.Info("TFX4142", GraphSummary.RequirementOf(RequiredRelease.Of(graph)))];
        if (target.StartsWith(OnnxPrefix, StringComparison.Ordinal))
            return int.TryParse(target[OnnxPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out _) ? Onnx(graph, catalog, cancellation) : null;
        return TensorFlowRelease.Find(target) is { } release ? [.. ReleaseVerifier.Verify(graph, release).Select(Report)] : null;
    }

    private static Diagnostic Report(ReleaseProblem problem) => Diagnostic.Error("TFX4140", problem.Message) with
    {
        Node = problem.Node?.Name,
        Suggestion = problem.Entry.Length == 0 ? null : problem.IsDefault ? "The attribute is at its default; the transform 'downgrade' drops it." : "The transform 'downgrade' rewrites what has an equivalent.",
    };

    private static Diagnostic[] Onnx(Graph graph, PluginCatalog catalog, CancellationToken cancellation)
    {
        if (catalog.CreateWriter("onnx") is not { } writer)
            return [Diagnostic.Error("TFX4141", "no plugin writes ONNX files")];
        try
        {
            string[] inputs = [.. graph.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderV2").Select(node => node.Name)];
            writer.Write(graph, inputs, GraphOutputs.Resolve(graph, null), Stream.Null, cancellation);
            return [];
        }
        catch (ModelFormatException error)
        {
            return [Diagnostic.Error(error.DiagnosticId, error.Message) with { Suggestion = error.Suggestion }];
        }
    }
}
