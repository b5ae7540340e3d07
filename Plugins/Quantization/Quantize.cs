using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Static;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>
/// Makes convolutions and matrix products compute with 8-bit codes, by ranges that calibration found.
/// <code>
/// c = Conv2D(x, w)                 x/quantized = QuantizeV2(x, quantize/0/min, quantize/0/max) {mode="SCALED"}
/// b = BiasAdd(c, bias)      →      y/quantized = QuantizedConv2DWithBiasAndReluAndRequantize(x/quantized, quantize/0/filter, quantize/0/bias, …)
/// y = Relu(b)                      y = Dequantize(y/quantized, quantize/1/min, quantize/1/max) {mode="SCALED"}      unless only weighted ops read y
/// </code>
/// Weights are qint8 with a symmetric range for each output channel; biases qint32; activations quint8 from 0 on where they are never negative, else qint8 about 0. Conv2D, DepthwiseConv2dNative and
/// MatMul take along biases, Relu, Relu6 and a sum with codes from 0 on. Sums, elementwise ops, pooling, concatenation, resizing and data movement between them read and write codes by
/// Dequantize and QuantizeV2 around them. A result that nobody multiplies any more keeps the 32 bits of its sums. Ranges that the graph states (FakeQuant) go before calibrated ones. NHWC only;
/// fold_norms should run before. The result runs in TensorFlow 2 on x86 too, and there 1 code may differ.
/// </summary>
[Transform("quantize", Summary = "Quantizes convolutions and products to static 8-bit integers, by calibrated ranges and for each channel.", NeedsBackend = true, IsLossy = true)]
public sealed class Quantize : Transform<Quantize.Options>
{
    public sealed record Options
    {
        [Option("ranges", "File of ranges, as the command calibrate writes it for the graph that this step gets.", DefaultText = "only ranges that the graph states")]
        public string Ranges { get; init; } = "";

        [Option("per_channel", "Gives each output channel of the weights its own range.")]
        public bool PerChannel { get; init; } = true;

        [Option("include", "Only the weighted nodes of this name (with * and ?), op:TYPE or re:EXPRESSION; may be repeated.")]
        public ImmutableArray<string> Include { get; init; } = [];

        [Option("exclude", "Not the weighted nodes of this name (with * and ?), op:TYPE or re:EXPRESSION; may be repeated.")]
        public ImmutableArray<string> Exclude { get; init; } = [];

        [Option("keep_float", "first, last: leaves the weighted ops next to the inputs or to the outputs in float; may be repeated.")]
        public ImmutableArray<string> KeepFloat { get; init; } = [];

        [Option("correct_bias", "Takes what rounded weights add to the mean of each channel off the biases, by the means in the file of ranges or those that correct_bias left.")]
        public bool CorrectBias { get; init; } = true;

        [Option("target", "Where the result is to run: tensorflow, portable, onnx or tflite.")]
        public string Target { get; init; } = "tensorflow";

        [Option("saturation", "allow, avoid_pairs or seven_bits: which weights are allowed, so that processors without VNNI compute the same.")]
        public string Saturation { get; init; } = "allow";

        [Option("weights_only", "Stores weights in 8 bits and computes in float; needs no ranges.")]
        public bool WeightsOnly { get; init; }
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        QuantizationTarget target = QuantizationArguments.Target(options.Target);
        Saturation saturation = QuantizationArguments.Saturation(options.Saturation);
        (graph, var fakeQuantized) = options.WeightsOnly ? (graph, []) : FakeQuantRanges.TakeOut(graph, context);
        var constants = new ConstantValues(graph, context);
        var weighted = ExecutionOrder.Sort(graph).Nodes.Where(node => WeightedLayer.IsOne(node) && !constants.IsConstant(node.Name)).ToList();
        var selection = LayerSelection.Of(graph, weighted, options);
        if (options.WeightsOnly)
            return WeightOnlyQuantization.Quantize(graph, selection, constants, options.PerChannel, context);
        var ranges = new ActivationRanges(graph, constants, fakeQuantized, options.Ranges.Length > 0 ? CalibrationFile.Read(options.Ranges, context) : null);
        QuantizationPlan plan = new QuantizationPlanner(graph, constants, ranges, target, context).Plan(selection);
        plan.Explain(context);
        if (plan.Layers.IsEmpty)
        {
            context.Report(Diagnostic.Warning("TFX2050", "nothing was quantized") with { Suggestion = "--explain=quantize tells why, node by node." });
            return graph;
        }
        var quantizer = new LayerQuantizer(ranges, options.PerChannel, saturation, options.CorrectBias);
        return target == QuantizationTarget.Portable
            ? new PortableGraphBuilder(graph, plan, quantizer, context).Build()
            : new QuantizedGraphBuilder(graph, plan, quantizer, context).Build();
    }
}
