using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Static;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>
/// Tells quantize the mean of each input channel of weighted ops, so that it takes off the biases what rounding the weights adds to the mean of each output channel.
/// <code>
/// c = Conv2D(x, w)      →      c = Conv2D(x, w) {_input_means=[…]}
/// </code>
/// Means come from a file of ranges, or without one from batch norms that are still before the op: after a norm channels are taken as normally distributed with mean β and deviation γ, after Relu and
/// Relu6 as cut off accordingly. So this step is before fold_norms when it has no file. The graph computes what it computed; only quantize reads the attribute.
/// </summary>
[Transform("correct_bias", Summary = "Tells quantize the means of activations, to take what rounded weights add off the biases.", NeedsBackend = true)]
public sealed class CorrectBias : Transform<CorrectBias.Options>
{
    public sealed record Options
    {
        [Option("ranges", "File of ranges, as the command calibrate writes it for the graph that this step gets.", DefaultText = "means from batch norms")]
        public string Ranges { get; init; } = "";
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        var constants = new ConstantValues(graph, context);
        var calibrated = options.Ranges.Length > 0 ? CalibrationFile.Read(options.Ranges, context) : null;
        var norms = new NormStatistics(graph, constants);
        return graph.Select(node => WeightedLayer.IsOne(node) && !constants.IsConstant(node.Name) ? Annotated(node, constants, calibrated, norms, context) : node);
    }

    private static Node Annotated(Node node, ConstantValues constants, RangeFile? calibrated, NormStatistics norms, TransformContext context)
    {
        if (WeightedLayer.Of(node, constants, out string? reason) is not { } op)
        {
            context.Explain(node.Name, reason!);
            return node;
        }
        NodeInput data = node.Inputs[op.DataInput];
        float[]? means = calibrated is null
            ? norms.MeansOf(data)
            : calibrated.Tensors.GetValueOrDefault(NodeInput.Data(data.Node, data.Port).Text)?.ChannelMeans;
        if (means is null || !op.Takes(means.Length))
        {
            context.Explain(node.Name, calibrated is null ? $"no batch norm tells the means of its data '{data}'" : $"the file of ranges has no means of its data '{data}'");
            return node;
        }
        context.Count("means");
        return node.With(BiasCorrection.MeansAttribute, new ListValue([.. means.Select(mean => (AttributeValue)mean)]));
    }
}
