using TransformFramework.Diagnostics;
using TransformFramework.Graphs;

namespace TransformFramework.Engine.Pipeline;

/// <summary>Drops colocations (<c>_class</c> entries <c>loc:@NODE</c>) with nodes that are gone; TensorFlow refuses to load a graph that has one.</summary>
internal static class ColocationRepair
{
    private const string Attribute = "_class";
    private const string Prefix = "loc:@";

    public static Graph Apply(Graph graph, List<Diagnostic> diagnostics)
    {
        int dropped = 0;
        string? example = null;
        Graph repaired = graph.Select(node =>
        {
            if (!node.Attributes.TryGetValue(Attribute, out var value) || value is not ListValue list || list.Items.All(item => IsFresh(item, graph)))
                return node;
            dropped++;
            example ??= node.Name;
            var fresh = list with { Items = [.. list.Items.Where(item => IsFresh(item, graph))] };
            return fresh.Items.IsEmpty ? node.Without(Attribute) : node.With(Attribute, fresh);
        });
        if (dropped > 0)
            diagnostics.Add(EngineDiagnostics.StaleColocation.With(dropped) with { Node = example });
        return repaired;
    }

    private static bool IsFresh(AttributeValue item, Graph graph) =>
        item is not BytesValue bytes || !bytes.Text.StartsWith(Prefix, StringComparison.Ordinal) || graph.TryFind(bytes.Text[Prefix.Length..], out _);
}
