using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Quantization.Static;

/// <summary>
/// Ranges of activations. First those that the graph declares (FakeQuant), then the input's where quantized values pass through, then the calibrated one, then what the op itself says (Relu6, Sigmoid).
/// </summary>
internal sealed class ActivationRanges(Graph graph, ConstantValues constants, IReadOnlyDictionary<string, ActivationRange> declared, RangeFile? calibrated)
{
    private readonly Dictionary<string, ActivationRange?> known = new(StringComparer.Ordinal);

    /// <summary>The range of a tensor, or null when nothing tells.</summary>
    public ActivationRange? Find(NodeInput tensor)
    {
        string name = NameOf(tensor);
        if (known.TryGetValue(name, out var range))
            return range;
        known[name] = null;
        return known[name] = graph.Find(tensor.Node) is { } node ? Of(node, tensor) : null;
    }

    /// <summary>What calibration saw of a tensor, or null.</summary>
    public TensorStatistics? Statistics(NodeInput tensor) => calibrated?.Tensors.GetValueOrDefault(NameOf(tensor));

    private static string NameOf(NodeInput tensor) => NodeInput.Data(tensor.Node, tensor.Port).Text;

    private ActivationRange? Of(Node node, NodeInput tensor)
    {
        if (QuantizableOps.IsMoving(node) && QuantizableOps.Sources(node, constants).FirstOrDefault() is { Text: not null } source && Find(source) is { } passed)
            return passed;
        string name = NameOf(tensor);
        ActivationRange? found = declared.TryGetValue(name, out var range) ? range
            : Seen(node, name) is { } seen ? ActivationRange.Of(seen.Min, seen.Max)
            : QuantizableOps.IsWithinInputs(node) ? Joined(node)
            : Bounds(node);
        return found is not { } some ? null
            : MayBeNegative(node) ? some with { IsSigned = true }
            : IsNeverNegative(node) ? some.Clipped(node.Op == "Relu6" ? 6 : float.MaxValue)
            : some;
    }

    /// <summary>The calibrated range; that of an input, such as an image's, is not widened.</summary>
    private (float Min, float Max)? Seen(Node node, string name) =>
        node.Op == "Placeholder" && calibrated?.Tensors.GetValueOrDefault(name) is { } statistics ? (calibrated.Choice with { Headroom = 1 }).Of(statistics) : calibrated?.Find(name);

    private ActivationRange? Joined(Node node)
    {
        ActivationRange? joined = null;
        foreach (NodeInput source in QuantizableOps.Sources(node, constants))
        {
            if (Find(source) is not { } range)
                return null;
            joined = joined?.Join(range) ?? range;
        }
        return joined;
    }

    private static ActivationRange? Bounds(Node node) => node.Op switch
    {
        "Relu6" => new(false, 6),
        "Sigmoid" or "Softmax" => new(false, 1),
        "Tanh" or "Softsign" => new(true, 1),
        _ => null,
    };

    /// <summary>Sums of products are signed even when the samples had none below zero.</summary>
    private bool MayBeNegative(Node node) =>
        WeightedLayer.IsOne(node) || node.Op == "BiasAdd" || (node.Op is "Add" or "AddV2" && node.DataInputs.Any(constants.IsConstant));

    private static bool IsNeverNegative(Node node) => node.Op is "Relu" or "Relu6" or "Sigmoid" or "Softmax" or "Exp" or "Abs" or "Square" or "Softplus";
}
