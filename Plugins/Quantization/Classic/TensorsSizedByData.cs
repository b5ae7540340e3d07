using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>Nodes whose results have as many elements as values of the data decide, perhaps none: what Where, NonMaxSuppression and others select, and what is computed from it.</summary>
internal static class TensorsSizedByData
{
    private static readonly HashSet<string> Sources = new(StringComparer.Ordinal)
    {
        "DynamicPartition", "ListDiff", "NonMaxSuppression", "NonMaxSuppressionV2", "NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5", "NonMaxSuppressionWithOverlaps",
        "RaggedTensorToSparse", "StringSplit", "StringSplitV2", "Unique", "UniqueV2", "UniqueWithCounts", "UniqueWithCountsV2", "Where",
    };

    /// <summary>Names of the nodes.</summary>
    public static HashSet<string> Find(Graph graph, TransformContext context)
    {
        Node[] sources = [.. graph.Nodes.Where(node => Sources.Contains(node.Op))];
        if (sources.Length == 0)
            return [];
        IReadOnlyDictionary<string, TensorShape[]> shapes = InferredShapes.Of(graph, context);
        return graph.Downstream(sources, consumer => !consumer.Node.Inputs[consumer.Input].IsControl && MayBeEmpty(consumer.Node, shapes));
    }

    private static bool MayBeEmpty(Node node, IReadOnlyDictionary<string, TensorShape[]> shapes) =>
        node.Op is not ("Shape" or "Size" or "Rank" or "ShapeN")
        && !(shapes.TryGetValue(node.Name, out var outputs) && outputs.Length > 0 && Array.TrueForAll(outputs, shape => shape.IsFullyKnown && shape.ElementCount > 0));
}
