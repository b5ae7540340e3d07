using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.SavedModel.Freezing;
using TransformFramework.Toolkit.Functions;

namespace TransformFramework.SavedModel.Reading;

/// <summary>The outputs of a graph that names none: what nothing consumes, but for what trains, saves and initializes.</summary>
internal static class GraphOutputs
{
    private static readonly HashSet<string> Excluded = new(StringComparer.Ordinal)
    {
        "Const", "Placeholder", "PlaceholderV2", "PlaceholderWithDefault", "NoOp", "VarHandleOp", "VarIsInitializedOp", "IsVariableInitialized", "Save", "SaveV2", "MergeV2Checkpoints", "ShardedFilename",
        "ShardedFilespec", "RestoreV2", "MergeSummary", "ScalarSummary", "HistogramSummary", "ImageSummary", "AudioSummary", "TensorSummary", "TensorSummaryV2", "ReportUninitializedVariables", "Assert", "Print",
        "StringJoin", "BroadcastGradientArgs",
    };

    /// <summary>The tensors; those that need an assignment or a checkpoint's file name are left out.</summary>
    public static ImmutableArray<string> Of(Graph graph, CancellationToken cancellation)
    {
        var consumed = new HashSet<string>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes.Where(node => !Excluded.Contains(node.Op)))
            consumed.UnionWith(node.DataInputs.Select(input => input.Node));
        var outputs = ImmutableArray.CreateBuilder<string>();
        foreach (Node node in graph.Nodes)
        {
            if (Excluded.Contains(node.Op) || consumed.Contains(node.Name) || VariableOps.IsVariable(node) || VariableOps.Assigns(node) || Toolkit.Ops.OpTable.Find(node.Op) is { Outputs.IsEmpty: true })
                continue;
            var scoped = new ScopedGraph(graph, [node.Name]);
            var reach = Reach.Of(scoped, withControl: false, cancellation);
            if (!graph.Nodes.Any(other => (VariableOps.Assigns(other) || other.Op is "RestoreV2" or "SaveV2") && reach.Contains(scoped.Main, other)))
                outputs.Add(node.Name);
        }
        return outputs.ToImmutable();
    }
}
