using TransformFramework.Graphs;
using TransformFramework.Quantization.Static;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Equalization;

/// <summary>Finds what hangs together by its channels: from what a layer writes forward to all readers, and back from sums to all that goes into them.</summary>
internal sealed class EqualizationGroupSearch(Graph graph, IReadOnlyDictionary<string, ScaledWeights> layers, ConstantValues constants, bool throughRelu6, TransformContext context)
{
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly Queue<Node> open = new();
    private string? decline;

    /// <summary>Layers that write into the group.</summary>
    public List<ScaledWeights> Writers { get; } = [];

    /// <summary>Layers that read from it.</summary>
    public List<ScaledWeights> Readers { get; } = [];

    /// <summary>Channel-wise nodes within it.</summary>
    public List<Node> Nodes { get; } = [];

    /// <summary>Those of them that add a constant, with one number for each channel.</summary>
    public Dictionary<Node, ChannelBias> Biases { get; } = new(ReferenceEqualityComparer.Instance);

    private WeightedLayer First => Writers[0].Op;

    /// <summary>Searches; what is in the way, or null.</summary>
    public string? Run(ScaledWeights layer)
    {
        Take(layer.Node);
        while (decline is null && open.TryDequeue(out var node))
        {
            if (context.IsListed(node.Name))
                return $"'{node.Name}' is an input or output";
            foreach (Consumer consumer in graph.ConsumersOf(node).Where(consumer => !consumer.Node.Inputs[consumer.Input].IsControl))
                Follow(consumer.Node, consumer.Input);
        }
        return decline ?? (Readers.Count == 0 ? "no other layer reads it" : null);
    }

    private void Follow(Node reader, int entry)
    {
        if (!layers.TryGetValue(reader.Name, out var layer))
            Take(reader);
        else if (entry != layer.Op.DataInput || layer.Op.InputChannels != First.OutputChannels || layer.Op.Layout != First.Layout)
            decline = $"'{reader.Name}' reads it otherwise than as data of as many channels";
        else if (!Readers.Contains(layer))
            Readers.Add(layer);
    }

    /// <summary>Takes in the result of a node, with all that must be divided alike.</summary>
    private void Take(Node node)
    {
        if (!seen.Add(node.Name))
            return;
        open.Enqueue(node);
        if (layers.TryGetValue(node.Name, out var layer))
        {
            Writers.Add(layer);
            if (layer.Op.OutputChannels != First.OutputChannels || layer.Op.Layout != First.Layout)
                decline = $"'{node.Name}' writes other channels";
            return;
        }
        Nodes.Add(node);
        if (ChannelBias.Of(node, First, constants) is { } bias)
            Biases[node] = bias;
        else if (!PassesFactors(node))
            decline = $"'{node.Name}' ({node.Op}) does not pass factors of channels through";
        if (decline is not null)
            return;
        foreach (NodeInput input in node.Op is "Add" or "AddV2" ? node.DataInputs : node.DataInputs.Take(1))
        {
            if (!constants.IsConstant(input))
                TakeSource(input, node);
        }
    }

    private void TakeSource(NodeInput input, Node reader)
    {
        if (input.Port == 0 && graph.Find(input.Node) is { } source && !source.Op.StartsWith("Placeholder", StringComparison.Ordinal))
            Take(source);
        else
            decline = $"'{reader.Name}' reads '{input}', which no layer writes";
    }

    private bool PassesFactors(Node node) => node.Op switch
    {
        "Relu6" => throughRelu6,
        "Relu" or "LeakyRelu" or "Identity" or "Pad" or "MaxPool" or "AvgPool" or "SpaceToBatchND" or "BatchToSpaceND" => true,
        "Add" or "AddV2" => node.DataInputs.Count() == 2 && !node.DataInputs.Any(constants.IsConstant),
        _ => false,
    };
}
