using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.SavedModel.Freezing;
using TransformFramework.Toolkit.Functions;

namespace TransformFramework.SavedModel.Reading;

/// <summary>The outputs of a graph that names none: what nothing consumes and an input leads to, but for what trains, saves and initializes.</summary>
internal static class GraphOutputs
{
    private static readonly HashSet<string> Excluded = new(StringComparer.Ordinal)
    {
        "Const", "Placeholder", "PlaceholderV2", "PlaceholderWithDefault", "NoOp", "VarHandleOp", "VarIsInitializedOp", "IsVariableInitialized", "Save", "SaveV2", "MergeV2Checkpoints", "ShardedFilename",
        "ShardedFilespec", "RestoreV2", "MergeSummary", "ScalarSummary", "HistogramSummary", "ImageSummary", "AudioSummary", "TensorSummary", "TensorSummaryV2", "ReportUninitializedVariables", "Assert", "Print",
        "StringJoin", "BroadcastGradientArgs",
    };

    /// <summary>The tensors; those that need an assignment, a gradient or a checkpoint's file name are left out.</summary>
    public static ImmutableArray<string> Of(Graph graph, CancellationToken cancellation)
    {
        var consumed = new HashSet<string>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes.Where(node => !Excluded.Contains(node.Op)))
            consumed.UnionWith(node.DataInputs.Select(input => input.Node));
        bool hasInputs = graph.Nodes.Any(node => node.Op is "Placeholder" or "PlaceholderV2");
        var outputs = ImmutableArray.CreateBuilder<string>();
        foreach (Node node in graph.Nodes)
        {
            if (IsOfTraining(node) || WaitsForSaving(node, graph) || Excluded.Contains(node.Op) || consumed.Contains(node.Name) || VariableOps.IsVariable(node) || VariableOps.Assigns(node) || Toolkit.Ops.OpTable.Find(node.Op) is { Outputs.IsEmpty: true })
                continue;
            var scoped = new ScopedGraph(graph, [node.Name]);
            var reach = Reach.Of(scoped, withControl: false, cancellation);
            Node[] reached = [.. graph.Nodes.Where(other => reach.Contains(scoped.Main, other))];
            if (!Array.Exists(reached, IsOfTraining) && (!hasInputs || Array.Exists(reached, other => other.Op.StartsWith("Placeholder", StringComparison.Ordinal))))
                outputs.Add(node.Name);
        }
        return outputs.ToImmutable();
    }

    /// <summary>True for the file's name that a saver gives when it is done.</summary>
    private static bool WaitsForSaving(Node node, Graph graph) =>
        node.ControlInputs.Any(input => graph.Find(input.Node) is { Op: "Save" or "SaveV2" or "SaveSlices" or "MergeV2Checkpoints" });

    /// <summary>True for what assigns, saves and restores, and for gradients.</summary>
    private static bool IsOfTraining(Node node) =>
        VariableOps.Assigns(node) || node.Op.StartsWith("Restore", StringComparison.Ordinal) || node.Op.StartsWith("Save", StringComparison.Ordinal) || node.Op.EndsWith("Grad", StringComparison.Ordinal)
        || node.Name.StartsWith("gradients/", StringComparison.Ordinal);
}
