using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Inspection;

/// <summary>Whether a reader takes a graph: a release of TensorFlow (<c>tf1.15</c>), by the ops it knows, or a format that a plugin writes (<c>onnx-opset-17</c>), by writing it to nowhere.</summary>
public static class TargetCheck
{
    private const string OnnxPrefix = "onnx-opset-";

    /// <summary>What the target refuses, or null when there is no such target. Without a target: the oldest TensorFlow that reads the graph, and why.</summary>
    public static IReadOnlyList<Diagnostic>? Find(string? target, LoadedModel model, PluginCatalog catalog, CancellationToken cancellation)
    {
        if (target is null)
            return [WorkflowsDiagnostics.OldestRelease.With(GraphSummary.RequirementOf(RequiredRelease.Of(model.Graph)))];
        if (target.StartsWith(OnnxPrefix, StringComparison.Ordinal))
            return IsOpset(target[OnnxPrefix.Length..], catalog) ? Onnx(model, target[OnnxPrefix.Length..], catalog, cancellation) : null;
        return TensorFlowRelease.Find(target) is { } release ? [.. ReleaseVerifier.Verify(model.Graph, release).Select(Report)] : null;
    }

    /// <summary>Whether a text is an opset that is written; without the plugin any number is, and the missing writer is told.</summary>
    private static bool IsOpset(string text, PluginCatalog catalog) =>
        (OutputFormat.All(catalog).FirstOrDefault(format => format.Name == "onnx")?.Options.FirstOrDefault(option => option.Name == "opset") ?? new("opset", "N", "")).Accepts(text);

    private static Diagnostic Report(ReleaseProblem problem) => WorkflowsDiagnostics.NotInRelease.With(problem.Message) with
    {
        Node = problem.Node?.Name,
        Suggestion = problem.Entry.Length == 0 ? null : problem.IsDefault ? "The attribute is at its default; the transform 'downgrade' drops it." : "The transform 'downgrade' rewrites what has an equivalent.",
    };

    private static Diagnostic[] Onnx(LoadedModel model, string opset, PluginCatalog catalog, CancellationToken cancellation)
    {
        try
        {
            ModelEndpoints endpoints = model.Endpoints;
            var options = new ModelWriteOptions
            {
                Inputs = [.. GraphInputs.ResolveAll(endpoints, null).Tensors()],
                Outputs = [.. GraphOutputs.Resolve(endpoints, null).Tensors()],
                Settings = ImmutableDictionary<string, string>.Empty.Add("opset", opset),
            };
            OutputFormat.Choose("graph.onnx", "onnx", () => catalog).Create(catalog).Write(model.Content, options, new NullSink(), cancellation);
            return [];
        }
        catch (ModelFormatException error)
        {
            return [Diagnostic.Error(error.DiagnosticId, error.Message) with { Suggestion = error.Suggestion }];
        }
        catch (OutputFormatException error)
        {
            return [WorkflowsDiagnostics.NoWriter.With(error.Message) with { Suggestion = error.Suggestion }];
        }
    }

    /// <summary>Takes files and keeps none.</summary>
    private sealed class NullSink : ModelSink
    {
        public override string Name => "graph.onnx";

        public override Stream Main => Stream.Null;

        public override Stream Create(string name) => Stream.Null;
    }
}
