using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>
/// What quantize is going to do, decided before anything is written: the parameters of each quantized tensor, the op of each layer, and for each node whether it is fused, reads and writes quantized
/// tensors, or stays float and why.
/// </summary>
/// <param name="Tensors">The quantized tensors, in execution order.</param>
/// <param name="Layers">The layers that become integer ops, in execution order.</param>
/// <param name="Nodes">What becomes of each node that computes from the inputs, by name.</param>
internal sealed record QuantizationPlan(ImmutableArray<PlannedTensor> Tensors, ImmutableArray<PlannedLayer> Layers, ImmutableDictionary<string, NodePlan> Nodes)
{
    private readonly ImmutableDictionary<string, ActivationRange> ranges = Tensors.ToImmutableDictionary(planned => planned.Tensor.Canonical, planned => planned.Range, StringComparer.Ordinal);

    /// <summary>True for a tensor that is quantized.</summary>
    public bool IsQuantized(NodeInput tensor) => !tensor.IsControl && ranges.ContainsKey(tensor.Canonical);

    /// <summary>The parameters of a quantized tensor.</summary>
    public ActivationRange RangeOf(NodeInput tensor) => ranges[tensor.Canonical];

    /// <summary>Tells <c>--explain</c> of every node that stays float, and why.</summary>
    public void Explain(TransformContext context)
    {
        foreach (var (name, plan) in Nodes.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (plan is NodePlan.Float { Decline: var decline })
                context.Explain(name, $"stays float: {decline.Reason}");
        }
    }
}

/// <summary>A tensor that is quantized, with its parameters.</summary>
/// <param name="Tensor">An output of a node.</param>
/// <param name="Range">Type and range.</param>
/// <param name="SharesRangeOf">A tensor with the same range whose constants it reads, or null.</param>
internal sealed record PlannedTensor(NodeInput Tensor, ActivationRange Range, NodeInput? SharesRangeOf);

/// <summary>A layer that becomes an integer op.</summary>
/// <param name="Layer">The nodes of the layer.</param>
/// <param name="Input">Parameters of the data that it reads.</param>
/// <param name="Output">Parameters of its result; null when the result stays in 32 bits and becomes float.</param>
/// <param name="Shift">How signed data is made unsigned; null where the op reads the quantized tensor as it is.</param>
internal sealed record PlannedLayer(FusedLayer Layer, ActivationRange Input, ActivationRange? Output, InputShift? Shift)
{
    /// <summary>True when the op ends in 32-bit accumulators, which another node requantizes or makes float: TensorFlow has no depthwise op that requantizes without Relu.</summary>
    public bool EndsInAccumulators => Output is null || (Layer.IsDepthwise && !Layer.HasRelu);
}

/// <summary>What becomes of a node.</summary>
internal abstract record NodePlan
{
    /// <summary>It becomes part of a layer's op.</summary>
    internal sealed record Fused(PlannedLayer Into) : NodePlan;

    /// <summary>It computes in float between Dequantize and QuantizeV2.</summary>
    internal sealed record Between : NodePlan;

    /// <summary>It stays as it is.</summary>
    internal sealed record Float(Decline Decline) : NodePlan;
}
