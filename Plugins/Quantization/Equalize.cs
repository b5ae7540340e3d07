using TransformFramework.Graphs;
using TransformFramework.Quantization.Equalization;
using TransformFramework.Quantization.Static;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>
/// Equalizes the ranges of channels between weighted ops, so that one range for a whole tensor wastes less of its levels (cross-layer equalization: M. Nagel et al., Data-Free Quantization Through Weight
/// Equalization and Bias Correction, 2019).
/// <code>
/// y = Conv2D(x, w1)                     y = Conv2D(x, w1')                        w1'[…, i] = w1[…, i] / s[i]      s[i] = √(max |w1[…, i]| / max |w2[i, …]|),
/// a = Relu(BiasAdd(y, b))        →      a = Relu(BiasAdd(y, b'))                  b'[i] = b[i] / s[i]                     rounded to a power of two
/// z = DepthwiseConv2dNative(a, w2)      z = DepthwiseConv2dNative(a, w2')         w2'[i, …] = w2[i, …] · s[i]
/// </code>
/// Goes through biases, Relu, LeakyRelu, pads, pooling, SpaceToBatchND, BatchToSpaceND and sums: all layers that write what is added up, and all that read it, take part with the largest of their ranges.
/// What something else reads, or is an output, is left. Relu6 becomes Minimum(Relu(…), 6 / s), which has no fused integer form, so only where channels differ
/// by more than 8 times. Then biases that an activation never cuts, whatever comes in, are moved behind it, where no padding is between. Powers of two make the graph compute
/// the same, to the last bit but where a bias moved. fold_norms should run before.
/// </summary>
[Transform("equalize", Summary = "Equalizes the ranges of channels across layers, without changing what the graph computes.", NeedsBackend = true)]
public sealed class Equalize : Transform<Equalize.Options>
{
    private const int MostSweeps = 30;

    public sealed record Options
    {
        [Option("relu6", "Goes through Relu6 too.")]
        public bool Relu6 { get; init; } = true;
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        var constants = new ConstantValues(graph, context);
        var layers = ExecutionOrder.Sort(graph).Nodes
            .Where(node => WeightedLayer.IsOne(node) && !constants.IsConstant(node.Name))
            .Select(node => ScaledWeights.Of(node, constants, context))
            .OfType<ScaledWeights>()
            .ToDictionary(layer => layer.Node.Name, StringComparer.Ordinal);
        var groups = new List<EqualizationGroup>();
        foreach (ScaledWeights layer in layers.Values.Where(layer => !groups.Exists(group => group.Writers.Contains(layer.Node.Name))))
        {
            if (EqualizationGroup.Of(graph, layer, layers, constants, options.Relu6, context) is { } group)
                groups.Add(group);
        }
        for (int sweep = 0; sweep < MostSweeps; sweep++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (!groups.Select(group => group.Balance()).ToList().Contains(true))
                break;
        }
        var edit = new InPlaceEdit(graph, context);
        foreach (EqualizationGroup group in groups)
            group.MoveBiases(graph);
        foreach (EqualizationGroup group in groups)
            group.Write(edit, context);
        foreach (ScaledWeights layer in layers.Values)
            layer.Write(edit);
        return edit.Apply();
    }
}
