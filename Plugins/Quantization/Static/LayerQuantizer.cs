using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Static.Rounding;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Quantization.Static;

/// <summary>Weights and bias of a layer as its integer op reads them.</summary>
/// <param name="Filter">The filter, rounded.</param>
/// <param name="Bias">The bias, corrected for the rounding.</param>
internal sealed record QuantizedWeights(QuantizedFilter Filter, ImmutableArray<float> Bias);

/// <summary>Rounds the weights of layers, and corrects their biases for it.</summary>
/// <param name="ranges">Statistics of their data.</param>
/// <param name="perChannel">One range for each output channel.</param>
/// <param name="saturation">Which quantized weights are allowed.</param>
/// <param name="correctsBias">Whether biases are corrected.</param>
internal sealed class LayerQuantizer(ActivationRanges ranges, bool perChannel, Saturation saturation, bool correctsBias)
{
    private ImmutableDictionary<string, ImmutableArray<float>> offsets = ImmutableDictionary<string, ImmutableArray<float>>.Empty;
    private ImmutableDictionary<string, QuantizedFilter> filters = ImmutableDictionary<string, QuantizedFilter>.Empty;

    public bool PerChannel => perChannel;

    /// <summary>Whether biases are corrected.</summary>
    public bool CorrectsBias => correctsBias;

    /// <summary>What is added to the bias of a layer, beside its correction.</summary>
    public ImmutableArray<float> OffsetOf(FusedLayer layer) => offsets.TryGetValue(layer.Tail.Name, out var known) ? known : [.. new float[layer.Bias.Length]];

    /// <summary>The same quantizer with another offset of a layer's bias.</summary>
    public LayerQuantizer WithOffset(FusedLayer layer, ImmutableArray<float> offset) => new(ranges, perChannel, saturation, correctsBias) { offsets = offsets.SetItem(layer.Tail.Name, offset), filters = filters };

    /// <summary>The same quantizer with a layer's weights rounded otherwise.</summary>
    public LayerQuantizer WithFilter(FusedLayer layer, QuantizedFilter filter) => new(ranges, perChannel, saturation, correctsBias) { offsets = offsets, filters = filters.SetItem(layer.Tail.Name, filter) };

    /// <summary>Which quantized values a layer's weights may have.</summary>
    public AllowedWeights AllowedFor(PlannedLayer planned) => new(SaturationOf(planned.Layer), planned.Input.IsSigned, (int)Filter(planned.Layer).Shape[planned.Layer.IsDepthwise ? 1 : 2]);

    public QuantizedWeights Quantize(PlannedLayer planned)
    {
        FusedLayer layer = planned.Layer;
        if (!filters.TryGetValue(layer.Tail.Name, out QuantizedFilter? filter))
            filter = QuantizedFilter.Of(Filter(layer), layer.Bias.AsSpan(), planned.Input, perChannel, SaturationOf(layer), layer.IsDepthwise);
        ImmutableArray<float> bias = correctsBias ? BiasCorrection.Apply(layer, filter, ranges.Statistics(layer.Data)?.ChannelMeans) : layer.Bias;
        return new(filter, offsets.IsEmpty ? bias : [.. bias.Zip(OffsetOf(layer), (value, offset) => value + offset)]);
    }

    /// <summary>The rule for a layer's weights. A depthwise filter of one result a channel has no pairs: runtimes widen its values before they multiply.</summary>
    private Saturation SaturationOf(FusedLayer layer) =>
        saturation == Saturation.AvoidPairs && layer.IsDepthwise && layer.Op.OutputChannels == layer.Op.InputChannels ? Saturation.Allow : saturation;

    /// <summary>The weights as a filter; those of a product as one of [1, 1, inputs, outputs].</summary>
    public static Tensor Filter(FusedLayer layer)
    {
        Tensor weights = layer.Op.Weights;
        if (!layer.IsMatMul)
            return weights;
        int rows = layer.Op.InputChannels;
        int columns = layer.Op.OutputChannels;
        TensorShape shape = TensorShape.Of(1, 1, rows, columns);
        if (!WeightedLayer.HasTransposedWeights(layer.Op.Node))
            return Tensor.FromContent(DataType.Float, shape, weights.Bytes);
        Tensor turned = Tensor.Allocate<float>(DataType.Float, shape, out var elements);
        ReadOnlySpan<float> values = weights.AsSpan<float>();
        for (int i = 0; i < values.Length; i++)
            elements[(i % rows * columns) + (i / rows)] = values[i];
        return turned;
    }
}
