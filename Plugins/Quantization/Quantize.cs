using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Dynamic;
using TransformFramework.Quantization.FourBits;
using TransformFramework.Quantization.Static;
using TransformFramework.Quantization.Static.Samples;
using TransformFramework.Quantization.Static.Wide;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>
/// Makes convolutions and matrix products compute with 8-bit integers, by ranges that calibration found.
/// <code>
/// c = Conv2D(x, w)                 x/quantized = QuantizeV2(x, quantize/0/min, quantize/0/max) {mode="SCALED"}
/// b = BiasAdd(c, bias)      →      y/quantized = QuantizedConv2DWithBiasAndReluAndRequantize(x/quantized, quantize/0/filter, quantize/0/bias, …)
/// y = Relu(b)                      y = Dequantize(y/quantized, quantize/1/min, quantize/1/max) {mode="SCALED"}      unless only layers read y
/// </code>
/// Weights are qint8 with a symmetric range for each output channel; biases qint32; activations quint8 from 0 on where they are never negative, else qint8 about 0. Conv2D, DepthwiseConv2dNative and
/// MatMul take along biases, Relu, Relu6 and an unsigned residual. Sums, elementwise ops, pooling, concatenation, resizing and data movement between them read and write 8-bit tensors by
/// Dequantize and QuantizeV2 around them. A result that no layer reads keeps the 32 bits of its accumulators. Ranges that the graph has (FakeQuant) go before calibrated ones. NHWC only;
/// fold_norms should run before.
/// </summary>
/// <remarks>
/// ## Where the result runs
///
/// | target | runs in | tried |
/// |---|---|---|
/// | `tensorflow` | TensorFlow 2.7 and later on x86 with AVX-512 VNNI and oneDNN on (up to 2.8: `TF_ENABLE_ONEDNN_OPTS=1`) | 2.7.4, 2.8.4, 2.9.3, 2.12.1, 2.15.1, 2.18.1, 2.21.0 |
/// | `portable` | every TensorFlow from 1.15 on, oneDNN on or off; float ops on rounded values, not faster than float | 1.15.5, 2.9.3, 2.12.1, 2.21.0 |
/// | `onnx` | ONNX runtimes, after `convert` | |
/// | `tflite` | TensorFlow Lite, after `convert`: every layer's result has 8 bits, also the last one's | |
///
/// * `tensorflow` does not run in TensorFlow 1.x, 2.0 to 2.5, or with oneDNN off ("Missing 0-th output"): its ops have no other kernels.
/// * TensorFlow 2.7 to 2.12 give the values of our runtime; from 2.15 on one value in about 300,000 of a layer differs, by 1.
/// * Processors without VNNI: TensorFlow's sums of unsigned data saturate at 16 bits, and signed data cost the weights' last bit. `saturation=seven_bits` gives the same on every processor.
/// * TensorFlow's integer ops have no groups: a convolution in groups becomes a layer for each, up to 64, or a depthwise one where each group is one channel; in more groups it stays float. `target=portable` and `weights_only` keep it whole.
/// * `weights_only` with a range for each channel needs TensorFlow 2.1 (the axis of Dequantize); with `per_channel=false` every release reads it.
/// * A residual is fused only where TensorFlow may write over its buffer. A depthwise convolution of signed data reads it shifted to unsigned; where its padding is not known it stays float.
///
/// ## Activations of 16 bits
///
/// `activation_bits=16` lets layers read qint16 values about 0 and weights of 8 bits; `wide` names the layers that do, the others stay at 8 bits. The range is twice the whole one that samples show, for values that they do not. TensorFlow has no
/// integer op for that: QuantizeV2 and Dequantize of qint16 (TensorFlow 2.1 and later, with one range a channel) stand around float ops. Our runtime computes convolutions, depthwise ones and products of
/// such data by qint8 weights in integers, exactly: 32 bits, several sums of them where weights are too large for one. `convert` writes
/// QuantizeLinear and DequantizeLinear of int16 (before opset 21 those of ONNX Runtime's domain), and with `target=tflite`, where results have 16 bits too, layers of int16 data, int8 weights and 64-bit biases.
/// `transform_graph tune --keep=16bit` searches for the fewest such layers. In MobileNet v2 one layer is worth it: with GPTQ the first depthwise convolution in 16 bits gains 1.0 dB.
///
/// ## Weights of 4 bits
///
/// `weights_only=true, bits=4` stores the matrices of MatMul, BatchMatMul and Einsum in 4 bits, `group` inputs of a column with a scale each: values from -8 to 7, the largest magnitude of a group at -8 or
/// nearer, by the scale of least error. With samples and `rounding=gptq` errors move to other weights, and `reconstruct` then improves values and scales in turn. The graph unpacks them with ops that every
/// TensorFlow has; runtimes do that once. `convert` writes MatMulNBits, an operator of ONNX Runtime, for MatMul and BatchMatMul, and other ops from opset 18 on for Einsum.
///
/// Last hidden states of all-MiniLM-L6-v2, a transformer of six blocks of 384, texts of 64 tokens, 32 to calibrate and 128 others to judge:
///
/// | | nearest | gptq | gptq, `reconstruct=3` |
/// |---|---|---|---|
/// | `weights_only=true` | 30.0 dB | 33.4 dB | |
/// | `weights_only=true, bits=4, group=32` | 12.7 dB | 16.0 dB | 16.3 dB |
/// | `dynamic=true` | 26.2 dB | | |
///
/// ## What each step is worth
///
/// Logits of MobileNet v2 1.0 224, 63 crops of nine photographs to calibrate, 512 crops of 18 others to judge (`Tests/Benchmarks crops`), signal to noise against float in our runtime (means over classes
/// removed) and same answers, on x86 with VNNI:
///
/// | target, weights | ranges | residual | input | samples | rounding | dB | same answer | dB, headroom 1.15 | same answer |
/// |---|---|---|---|---|---|---|---|---|---|
/// | `tensorflow`, per channel | min_max | 8bit | 8bit | | nearest | 19.8 | 85.5 % | | |
/// | `tensorflow`, per channel | mean_squared_error | 8bit | 8bit | | nearest | 20.2 | 85.2 % | | |
/// | `tensorflow`, per channel | mean_squared_error | unrounded | 8bit | yes | nearest | 21.8 | 87.3 % | 22.4 | 87.1 % |
/// | `tensorflow`, per channel | entropy | unrounded | 8bit | yes | nearest | 16.8 | 80.3 % | | |
/// | `tensorflow`, per channel | mean_squared_error | 8bit | 8bit | yes | gptq | 23.3 | 89.4 % | 23.6 | 89.5 % |
/// | `tensorflow`, per channel | mean_squared_error | unrounded | 8bit | yes | gptq | 24.2 | 90.4 % | 24.4 | 91.0 % |
/// | `tensorflow`, per channel | mean_squared_error | unrounded | unrounded | yes | gptq | 24.3 | 90.4 % | | |
/// | `tensorflow`, `saturation=avoid_pairs` | mean_squared_error | unrounded | 8bit | yes | nearest | 21.5 | 85.4 % | 21.7 | 85.7 % |
/// | `tensorflow`, `saturation=avoid_pairs` | mean_squared_error | unrounded | 8bit | yes | gptq | 23.6 | 91.0 % | 24.1 | 90.0 % |
/// | `tensorflow`, one range | mean_squared_error | 8bit | 8bit | | nearest | 4.7 | 32.2 % | | |
/// | `tensorflow`, one range | mean_squared_error | unrounded | 8bit | yes | nearest | 7.0 | 48.0 % | 7.3 | 48.2 % |
/// | `tensorflow`, one range | mean_squared_error | unrounded | 8bit | yes | gptq | 20.5 | 86.7 % | 20.8 | 85.7 % |
/// | `tensorflow`, the first depthwise convolution reads 16 bits | mean_squared_error | unrounded | 8bit | yes | gptq | 25.5 | 92.8 % | 25.5 | 91.4 % |
/// | `tflite`, per channel | mean_squared_error | 8bit | 8bit | yes | gptq | 23.1 | 89.5 % | 23.0 | 87.7 % |
/// | `portable`, per channel | mean_squared_error | unrounded | 8bit | yes | gptq | | | 24.5 | 90.6 % |
/// | `weights_only` | | | | | nearest | 13.9 | 71.1 % | | |
/// | `weights_only` | | | | yes | nearest | 23.5 | 88.5 % | | |
/// | `weights_only` | | | | yes | gptq | 29.7 | 95.3 % | | |
///
/// * `residual=unrounded` costs no time here; in TensorFlow the sums are float AddV2. TensorFlow Lite cannot say it. `target=onnx` gives here what `tensorflow` does: 24.5 dB with GPTQ, 90.4 % same answers.
/// * `input=unrounded` adds an addition and a padding in float before the first layer.
/// * `rounding=gptq` also tries smaller ranges: what is cut off moves to other weights. Its layers are rounded front to back, each for the data that the quantized layers before it compute.
/// * The command `quantize` sets `residual=unrounded` (but for `target=tflite`), tries ranges, and corrects biases by its samples; `--rounding=gptq` makes it round by GPTQ.
/// * The range method `entropy` chooses ranges by the distribution of one tensor alone (as TensorRT does); it cuts off what few values reach, and loses 5 dB here, so it is not among those that are tried.
///
/// * The bytes of the result do not depend on the number of threads. The command needed 18 s on two processors (28 s of processor time) for this model and 63 images, with `--rounding=gptq` 22 s (35 s), and 290 MB of memory.
/// * Same answers are few on these crops, most of which show no object: 85.5 % here are 97.9 % on images of one object each, by the same graph. Compare rows with each other.
/// * Logits of MLPerf Tiny's ic, 63 crops to calibrate, 256 to judge, GPTQ: without headroom 26.8 dB, with `reconstruct=3` 26.8 dB. MobileNet v2, 24 and 128 crops,
///   `saturation=avoid_pairs` with GPTQ: 23.5 dB, with `reconstruct=3` 23.6 dB: GPTQ leaves little to improve.
/// * Learning more from the samples does not help beyond them. Weights fitted, before GPTQ, to what the float graph computes (residual sums included) agree with it by 32.0 dB instead of 29.3 on ic's 63
///   crops, but on the 256 others by 26.6 instead of 26.7; MobileNet v2, 24 crops: 34.6 instead of 26.6 dB, on 96 others 23.0 instead of 24.5. So that is not part of `reconstruct`.
/// * Data of depthwise convolutions scaled so that each channel fills the range (by the weights before and behind) gain 0.2 dB on the 63 crops and lose 1.9 dB on the 512 others.
/// * `weights_only` stores the matrices of BatchMatMul and Einsum in 8 bits too. Logits of ic: 40.8 dB by GPTQ; with `bits=4` for its last product, of 64 inputs, 25.2 dB.
/// * `weights_only` by the command `quantize` rounds by GPTQ too, unless `--rounding=nearest` is given.
/// * The command widens the ranges of all tensors but inputs by `--headroom`, 1.15 unless said otherwise, for values that no sample shows: the last two columns. The others are without it. With GPTQ and 1, 1.15, 1.3 and 1.5
///   ic's 256 others agree by 26.7, 29.7, 32.1 and 33.4 dB (rounded to nearest 26.5 and, with 1.15, 29.1), MobileNet v2 by 24.5 dB, with 1.1 and 1.2 24.6 and 24.3 (to nearest 22.2 and, with 1.15, 22.4).
///   With `activation_bits=16`, whose ranges are twice as wide as what samples show, ic agrees by 40.8 dB, and by 27.9 without that.
/// * `saturation=avoid_pairs` leaves depthwise filters of one result a channel as they are: oneDNN, ONNX Runtime, TensorFlow Lite and our runtime widen their values before they multiply.
/// * The rows with `saturation=avoid_pairs` were measured in our runtime.
/// * Channels in an order in which neighbours' weights are hardly ever too large together do not help `saturation=avoid_pairs`: 24.1 dB with GPTQ and 21.7 to nearest, as without; so channels stay where they are.
/// * Rounding by GPTQ leaves 29.7 dB by weights alone, so weights without any rounding would give some 25.9 dB instead of 24.4: most of the noise is that of activations, which no rounding of weights takes away.
/// * ResNet-50, 63 images, `--rounding=gptq`: 125 s on two processors (219 s of processor time) and 1.5 GB with the search for ranges; 31.8 dB.
///
/// ## Quantized in each run
///
/// `dynamic=true` needs neither samples nor ranges: products become UniformQuantizedDotHybrid, an op of TensorFlow 2.12 and later (on CPU, much slower there than float), whose weights are qint8 and whose
/// data get a range of their own row by row in each run. It fits nets of few large products: recurrent ones and transformers. Weights in the body of a While that no iteration changes become constants of the body.
///
/// | random weights, one sample | dB |
/// |---|---|
/// | two LSTM layers of 384 and 320, 32 steps, loops as Keras writes them | 32.9 (state), 53.5 (answer) |
/// | two transformer blocks of 256, four heads, 128 tokens | 32.4 |
///
/// With VNNI recurrent layers and transformers of some hundred units run 1.6 to 2.5 times as fast as float ([Speed](../performance.md)). Products of fewer than 1,024 weights, as in cells of a few units, stay float: quantizing their data takes longer than they do.
///
/// ## Other models
///
/// Signal to noise of the results against the float graph, dB, defaults of this transform:
///
/// | | resnet8 | vww | cifar | ae0 | fc_layers | kws_dnn_s | lstm | mobilenet_v2 | posenet | coco_ssdlite | deeplabv3 |
/// |---|---|---|---|---|---|---|---|---|---|---|---|
/// | TensorFlow 2.12 | 37.9 | 40.2 | 56.5 | 34.4 | 52.3 | 48.1 | 13.5 | 25.9 | 19.6 | 30.7 | 23.7 |
/// | TensorFlow 2.21 | 37.9 | 40.2 | 56.5 | 34.4 | 52.3 | 48.1 | 13.5 | 25.5 | 19.5 | 34.1 | 24.0 |
/// | here | 37.9 | 40.2 | 56.5 | 34.4 | 52.3 | 48.1 | 13.5 | 25.4 | 19.5 | 33.1 | 23.4 |
/// | TensorFlow 2.12 without VNNI | 9.1 | 38.3 | 49.3 | 25.7 | 26.9 | | | 17.0 | 16.9 | 30.5 | |
///
/// Time of the float graph : time of the quantized one, same TensorFlow, one thread, ± 15 %:
///
/// | | resnet8 | vww | ae0 | mobilenet_v2 | posenet | coco_ssdlite | deeplabv3 |
/// |---|---|---|---|---|---|---|---|
/// | `tensorflow`, 2.9 / 2.12 / 2.21 | 1.0 / 1.0 / 1.1 | 1.0 / 1.2 / 1.0 | 0.6 / 0.6 / 0.65 | 1.7 / 1.5 / 1.9 | 2.6 / 2.5 / 2.5 | 1.7 / 1.7 / 1.8 | – / 1.3 / 1.7 |
/// | `portable`, 1.15 / 2.12 / 2.21 | 0.5 / 0.9 / 1.0 | 0.4 / 1.1 / 1.1 | 0.65 / 0.45 / 0.9 | 0.3 / 0.7 / 0.8 | – / 0.9 / 1.0 | – / 0.75 / 0.9 | – / 0.9 / 0.9 |
/// </remarks>
[Transform("quantize", Summary = "Quantizes convolutions and products to static 8-bit integers, by calibrated ranges and for each channel.", NeedsBackend = true, IsLossy = true)]
public sealed class Quantize : Transform<Quantize.Options>
{
    /// <summary>The first release whose fused integer ops compute what is written.</summary>
    private const string OldestReader = "tf2.7";

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
        public string Target { get; init => field = QuantizationArguments.Checked(value, QuantizationArguments.Target); } = "tensorflow";

        [Option("saturation", "allow, avoid_pairs or seven_bits: which weights are allowed, so that processors without VNNI compute the same.")]
        public string Saturation { get; init => field = QuantizationArguments.Checked(value, QuantizationArguments.Saturation); } = "allow";

        [Option("residual", "8bit, or unrounded: sums of two tensors read and write full precision, only what layers read has 8 bits.")]
        public string Residual { get; init => field = QuantizationArguments.Checked(value, word => QuantizationArguments.IsUnrounded("residual", word)); } = "8bit";

        [Option("input", "8bit, or unrounded: a signed input is quantized from its least to its greatest value, by which an image keeps its bytes.")]
        public string Input { get; init => field = QuantizationArguments.Checked(value, word => QuantizationArguments.IsUnrounded("input", word)); } = "8bit";

        [Option("samples", "File of samples (.npz, an array an input, the first dimension counts): biases are then corrected so that the means after each activation are the float graph's; with weights_only, for what rounding adds to means.", DefaultText = "none")]
        public string Samples { get; init; } = "";

        [Option("rounding", "nearest, or gptq: weights are rounded one input after the other for the data that samples show, each error moved to the inputs to come; needs samples.")]
        public string Rounding { get; init => field = QuantizationArguments.Checked(value, QuantizationArguments.IsGptq); } = "nearest";

        [Option("reconstruct", "With rounding=gptq: how many times, at most, all rounded weights and ranges of a layer are then improved for what the float layer computes.")]
        public int Reconstruct { get; init; }

        [Option("activation_bits", "Width of what layers read: 8, or 16 about 0, with weights of 8 bits.")]
        public int ActivationBits { get; init; } = 8;

        [Option("wide", "With activation_bits=16: only the weighted nodes of this name (with * and ?), op:TYPE or re:EXPRESSION read 16 bits, the others 8; may be repeated.", DefaultText = "all")]
        public ImmutableArray<string> Wide { get; init; } = [];

        [Option("weights_only", "Stores weights in 8 bits and computes in float; needs no ranges.")]
        public bool WeightsOnly { get; init; }

        [Option("bits", "With weights_only: bits of the matrices of products, 8 or 4; convolutions have 8.")]
        public int Bits { get; init => field = WeightWidth.CheckedBits(value); } = 8;

        [Option("group", "With bits=4: inputs that share a scale, in each column: 16, 32, 64, 128 or 256.")]
        public int Group { get; init => field = WeightWidth.CheckedGroup(value); } = 32;

        [Option("dynamic", "Stores the weights of products in 8 bits and quantizes their data in each run, row by row: MatMul, BatchMatMul and Einsum, also in loops, as LSTM and GRU have them; needs no ranges.")]
        public bool Dynamic { get; init; }
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        QuantizationTarget target = QuantizationArguments.Target(options.Target);
        Saturation saturation = QuantizationArguments.Saturation(options.Saturation);
        bool feedsErrorsBack = QuantizationArguments.FeedsErrorsBack(options.Rounding, options.Samples);
        Precision precision = QuantizationArguments.Precision(options.Residual, options.Input);
        QuantizationArguments.CheckReconstruct(options.Reconstruct, feedsErrorsBack);
        WideSelection.Check(options);
        bool hasFourBits = WeightWidth.HasFourBits(options);
        if (options.Dynamic)
            return QuantizedInRuns(graph, options, saturation, context);
        (graph, var fakeQuantized) = options.WeightsOnly ? (graph, []) : FakeQuantRanges.TakeOut(graph, context);
        var constants = new ConstantValues(graph, context);
        var weighted = ExecutionOrder.Sort(graph).Nodes.Where(node => (WeightedLayer.IsOne(node) || (options.WeightsOnly && DynamicProduct.IsOne(node))) && !constants.IsConstant(node.Name)).ToList();
        var selection = LayerSelection.Of(graph, weighted, options);
        CalibrationTraps.ReportConstants(weighted, graph, constants, context);
        if (options.WeightsOnly)
            return QuantizedWeights(graph, selection, constants, options, Rounding, context);
        RangeFile? calibrated = options.Ranges.Length > 0 ? CalibrationFile.Read(options.Ranges, context) : null;
        (selection, var wide) = WideSelection.Of(selection, options);
        IReadOnlyDictionary<string, ActivationRange> declared = fakeQuantized;
        if (target != QuantizationTarget.Portable)
        {
            (graph, selection, declared) = GroupSplitting.Apply(graph, selection, constants, fakeQuantized, calibrated, context);
            constants = new(graph, context);
        }
        var ranges = new ActivationRanges(graph, constants, declared, calibrated);
        Graph reference = graph;
        bool isTfLite = target == QuantizationTarget.TfLite;
        var wideLayers = new WideLayers(graph, constants, ranges, context);
        var chosen = wideLayers.Of(wide, isTfLite);
        if (!chosen.IsEmpty)
        {
            graph = wideLayers.Quantize(chosen, Rounding(graph), options, roundsResults: isTfLite);
            constants = new(graph, context);
            ranges = new(graph, constants, declared, calibrated);
        }
        QuantizationPlan plan = new QuantizationPlanner(graph, constants, ranges, target, precision, context).Plan(selection);
        plan.Explain(context);
        if (plan.Layers.IsEmpty)
        {
            if (chosen.IsEmpty)
                context.Report(QuantizationDiagnostics.NothingQuantized.With() with { Suggestion = "--explain=quantize tells why, node by node." });
            return graph;
        }
        CalibrationTraps.ReportRanges(plan, graph, ranges, context);
        var quantizer = new LayerQuantizer(ranges, options.PerChannel, saturation, options.CorrectBias);
        if (options.Samples.Length > 0 && (options.CorrectBias || feedsErrorsBack))
            quantizer = new SampleCorrection(plan, SampleFile.Read(options.Samples, graph, context), feedsErrorsBack, options.Reconstruct, context).Run(reference, graph, quantizer);
        if (target == QuantizationTarget.Portable)
            return new PortableGraphBuilder(graph, plan, quantizer, context).Build();
        context.WrittenFor = OldestReader;
        return new QuantizedGraphBuilder(graph, plan, quantizer, context).Build();

        WeightOnlyRounding? Rounding(Graph read) => options.Samples.Length == 0 ? null : new(read, SampleFile.Read(options.Samples, read, context), feedsErrorsBack, options.Reconstruct, options.PerChannel, context);
    }

    private static Graph QuantizedWeights(Graph graph, LayerSelection selection, ConstantValues constants, Options options, Func<Graph, WeightOnlyRounding?> rounding, TransformContext context)
    {
        const int fewest = WeightOnlyQuantization.FewestElements;
        if (!WeightWidth.HasFourBits(options))
        {
            graph = new WeightOnlyProducts(graph, constants, options.PerChannel, context).Quantize(selection.Chosen.Where(WeightOnlyProducts.IsOne), rounding(graph));
            selection = selection with { Chosen = [.. selection.Chosen.Where(node => !WeightOnlyProducts.IsOne(node)).Select(node => graph.Find(node.Name)!)] };
            constants = new(graph, context);
        }
        else
        {
            var products = new FourBitProducts(graph, constants, options.Group, context);
            graph = products.Quantize(products.Of(selection.Chosen.Where(FourBitProducts.IsOne)), rounding(graph));
            selection = selection with { Chosen = [.. selection.Chosen.Where(node => !FourBitProducts.IsOne(node)).Select(node => graph.Find(node.Name)!)] };
            constants = new(graph, context);
        }
        var rounded = rounding(graph)?.Run(WeightOnlyQuantization.Roundable(graph, selection.Chosen, constants, fewest, context)) ?? [];
        return WeightOnlyQuantization.Quantize(graph, selection, constants, options.PerChannel, rounded, options.CorrectBias, fewest, context);
    }

    private static Graph QuantizedInRuns(Graph graph, Options options, Saturation saturation, TransformContext context)
    {
        if (options.WeightsOnly)
            throw new TransformException(StatusKind.InvalidArgument, "dynamic and weights_only exclude each other") { Suggestion = "dynamic quantizes weights and data, weights_only weights alone." };
        var constants = new ConstantValues(graph, context);
        var selection = LayerSelection.Of(graph, DynamicQuantization.Candidates(graph, constants), options);
        return DynamicQuantization.Quantize(graph, selection, constants, options.PerChannel, saturation, context);
    }
}
