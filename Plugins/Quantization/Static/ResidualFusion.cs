using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>
/// Takes sums of a convolution's result and an unsigned quantized tensor, with the activation after them, into the convolution.
/// TensorFlow writes the result over the residual's buffer. So the residual comes straight from a quantizing op, nothing fetches it, and all else that reads it runs before the convolution.
/// </summary>
internal sealed class ResidualFusion(Graph graph, QuantizedRegion region, ActivationRanges ranges, IReadOnlyDictionary<string, TensorShape[]> shapes, TransformContext context)
{
    /// <summary>The layers, those that take a residual with it.</summary>
    public ImmutableArray<FusedLayer> Apply(IReadOnlyList<FusedLayer> layers)
    {
        var byTail = layers.ToDictionary(layer => layer.Tail.Name, StringComparer.Ordinal);
        var fused = new Dictionary<FusedLayer, FusedLayer>(ReferenceEqualityComparer.Instance);
        foreach (Node activation in graph.Nodes.Where(node => FusedLayer.IsActivation(node) && region.IsQuantized(node.Name) && !byTail.ContainsKey(node.Name)))
        {
            if (graph.Find(activation.Inputs[0].Node) is not { Op: "Add" or "AddV2" } sum || graph.ConsumersOf(sum).Length != 1 || context.IsOutput(sum) || sum.DataInputs.Count() != 2)
                continue;
            int result = IsFusible(sum, 0, byTail) ? 0 : IsFusible(sum, 1, byTail) ? 1 : -1;
            if (result < 0 || !byTail.Remove(sum.Inputs[result].Node, out var layer))
                continue;
            byTail[activation.Name] = fused[layer] = layer.WithResidual(sum, activation);
        }
        return [.. layers.Select(layer => fused.GetValueOrDefault(layer, layer))];
    }

    private bool IsFusible(Node sum, int input, Dictionary<string, FusedLayer> byTail)
    {
        NodeInput result = sum.Inputs[input];
        NodeInput residual = sum.Inputs[1 - input];
        return byTail.TryGetValue(result.Node, out var layer) && layer is { HasRelu: false, Residual: null, Op.Node.Op: "Conv2D" } && ranges.Find(layer.Data) is { IsSigned: false }
            && graph.ConsumersOf(layer.Tail).Length == 1 && !context.IsOutput(layer.Tail)
            && region.IsQuantized(residual) && ranges.Find(residual) is { IsSigned: false } && !context.IsListed(residual.Node)
            && HaveSameShape(result, residual) && IsOwnBuffer(residual, byTail) && IsReadBefore(residual, sum, layer);
    }

    /// <summary>True when a QuantizeV2 or a layer's op writes the quantized tensor: the result of a product is reshaped.</summary>
    private static bool IsOwnBuffer(NodeInput residual, Dictionary<string, FusedLayer> byTail) => !byTail.TryGetValue(residual.Node, out var producer) || !producer.IsMatMul;

    /// <summary>True when whatever else reads the residual has run when the convolution runs.</summary>
    private bool IsReadBefore(NodeInput residual, Node sum, FusedLayer layer)
    {
        HashSet<string>? ancestors = null;
        foreach (Consumer consumer in graph.ConsumersOf(residual.Node))
        {
            NodeInput read = consumer.Node.Inputs[consumer.Input];
            if (ReferenceEquals(consumer.Node, sum) || read.IsControl || read.Canonical != residual.Canonical)
                continue;
            ancestors ??= AncestorsOf(layer);
            if (!ancestors.Contains(consumer.Node.Name))
                return false;
        }
        return true;
    }

    private HashSet<string> AncestorsOf(FusedLayer layer) =>
        graph.Upstream(layer.Members.SelectMany(member => member.Inputs), input => layer.Members.Any(member => member.Name == input.Node)).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>As many positions and channels in all samples, or the same shape for one sample.</summary>
    private bool HaveSameShape(NodeInput a, NodeInput b)
    {
        if (ranges.Statistics(a) is { Positions: > 0 } seen && ranges.Statistics(b) is { Positions: > 0 } alike)
            return seen.Positions == alike.Positions && seen.ChannelSums.Length == alike.ChannelSums.Length;
        return shapes.TryGetValue(a.Node, out var first) && shapes.TryGetValue(b.Node, out var second) && a.Port < first.Length && b.Port < second.Length
            && first[a.Port].IsFullyKnown && second[b.Port].IsFullyKnown && first[a.Port].Dimensions.SequenceEqual(second[b.Port].Dimensions);
    }
}
