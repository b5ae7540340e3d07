using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Surgery;

/// <summary>
/// Gives an input of the graph another type or shape, or cuts the graph at a node, which becomes an input.
/// <code>
/// x = Placeholder() {dtype=float, shape=(?,28,28,1)}   →   x = Placeholder() {dtype=float, shape=(1,28,28,1)}
/// </code>
/// What is not given stays as it is: the type of a placeholder's dtype, or of the first output of the node that is cut. What only the cut node needed is left for strip_unused_nodes.
/// </summary>
[Transform("set_input", Summary = "Sets type and shape of an input, or cuts the graph at a node.")]
public sealed class SetInput : Transform<SetInput.Options>
{
    public sealed record Options
    {
        [Option("name", "Node that is to be the input.")]
        public required string Name { get; init; }

        [Option("type", "Type of its elements.", DefaultText = "as it is")]
        public DataType? Type { get; init; }

        [Option("shape", "Its shape, -1 for a free dimension.", DefaultText = "as it is")]
        public TensorShape? Shape { get; init; }
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        Node node = graph.Find(options.Name) ?? throw StructureDiagnostics.NoNode(options.Name);
        bool isPlaceholder = node.Op is "Placeholder" or "PlaceholderV2" or "PlaceholderWithDefault";
        DataType type = options.Type ?? TensorTypes.Of(graph, new NodeInput(node.Name))
            ?? throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"the type of node '{node.Name}' ({node.Op}) is not known", node.Name, "Give it with type.");
        TensorShape shape = options.Shape ?? (isPlaceholder ? node.Shape("shape", TensorShape.Unknown) : TensorShape.Unknown);
        if (!isPlaceholder && graph.ConsumersOf(node).Any(consumer => consumer.Node.Inputs[consumer.Input].Port > 0))
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongNode, $"node '{node.Name}' ({node.Op}) has several outputs that are read, so that it cannot become an input", node.Name, "Cut at the nodes that read it.");
        if (graph.ConsumersOf(node).FirstOrDefault(consumer => TensorTypes.Wanted(graph, consumer) is { } wanted && wanted != type) is { Node: { } reader } mismatch)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"node '{reader.Name}' ({reader.Op}) reads '{node.Name}' as {TensorTypes.Wanted(graph, mismatch)!.Value.Name()}, not as {type.Name()}", node.Name, "insert_before(cast=…) feeds another type and casts it.");
        Node input = new(node.Name, "Placeholder", [], AttributeMap.Of(("dtype", type), ("shape", shape)), node.Device);
        return graph.Select(other => ReferenceEquals(other, node) ? input : other);
    }
}
