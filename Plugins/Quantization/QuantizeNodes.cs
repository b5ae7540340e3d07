using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Classic;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>
/// Turns float ops into 8-bit ones with their conversions around them.
/// <code>
/// y = Relu(x)      →      (min and max of x; q = QuantizeV2(x, min, max) {mode="MIN_FIRST"})
///                         y/eightbit = QuantizedRelu(q, q:1, q:2)
///                         y = Dequantize(y/eightbit, y/eightbit:1, y/eightbit:2) {mode="MIN_FIRST"}
/// </code>
/// Conversions that meet are then taken out, so that chains of such ops stay in 8 bits. Products and sums of 32 bits are brought back to 8 by the range found in every run
/// (RequantizationRange), which takes zero in, or by <c>fallback_min</c> and <c>fallback_max</c>. With <c>input_min</c> and <c>input_max</c> the placeholders take 8-bit data. Fake quantizations
/// (FakeQuantWithMinMaxVars) become fixed ranges. Ops: Add, AvgPool, BiasAdd, Concat, Conv2D, MatMul, MaxPool, Mul, Relu, Relu6, ResizeBilinear, Reshape. Run quantize_weights
/// before it and strip_unused_nodes after it. The original also converts nodes that the 8-bit ops do not compute (NCHW, dilations, unequal strides), placeholders of any
/// type, leaves zero out of ranges that are found below it, and moves fake quantizations across any op; without --verbatim these stay as they are.
/// </summary>
/// <remarks>
/// ## Where the result runs
///
/// TensorFlow 1.15 computes what our runtime computes. TensorFlow 2.9 and later with oneDNN on compute otherwise: their QuantizeV2 in mode MIN_FIRST differs by up to 3 steps (resnet8 against float: 15.0 dB in
/// 1.15, 5.8 dB in 2.12; vww 13.7 and -2.8). With `TF_ENABLE_ONEDNN_OPTS=0` they give the original's values. `quantize` gives other and nearer results.
/// </remarks>
[Transform("quantize_nodes", Summary = "Turns float ops into 8-bit ones.", IsClassic = true, NeedsBackend = true, IsLossy = true)]
public sealed class QuantizeNodes : Transform<QuantizeNodesOptions>
{
    protected override void Check(QuantizeNodesOptions options)
    {
        CheckPairs(options);
        CheckRanges(options);
    }

    protected override Graph Apply(Graph graph, QuantizeNodesOptions options, TransformContext context)
    {
        CheckPairs(options);
        if (!context.IsVerbatim)
            CheckRanges(options);
        Func<Graph, Graph>[] passes =
        [
            current => options is { InputMin: { } min, InputMax: { } max } ? PlaceholderQuantization.Apply(current, min, max, context) : current,
            current => FakeQuantHoisting.Apply(current, context),
            current => FakeQuantConversion.Apply(current, context),
            current => EightBitConversion.Apply(current, options, context),
            current => RequantizeMerging.Apply(current, context),
            current => DuplicateMerging.Apply(current, context),
            current => RedundantConversions.Remove(current, context),
        ];
        foreach (var pass in passes)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            graph = pass(graph);
            if (GraphChecks.InvalidInputs(graph).FirstOrDefault() is { Node: { } broken } invalid)
                throw new TransformException(StatusKind.Internal, $"Invalid graph with inputs referring to nonexistent nodes: '{invalid.Input}'", broken.Name);
        }
        return graph.AsNodesOnly(context);
    }

    private static void CheckPairs(QuantizeNodesOptions options)
    {
        if (options.InputMin.HasValue != options.InputMax.HasValue)
            throw new TransformException(StatusKind.InvalidArgument, "You must pass both input_min and input_max into quantize_nodes");
        if (options.FallbackMin.HasValue != options.FallbackMax.HasValue)
            throw new TransformException(StatusKind.InvalidArgument, "You must pass both fallback_min and fallback_max into quantize_nodes");
    }

    private static void CheckRanges(QuantizeNodesOptions options)
    {
        foreach (var (name, min, max) in new[] { ("input", options.InputMin, options.InputMax), ("fallback", options.FallbackMin, options.FallbackMax) })
        {
            if (min is { } low && max is { } high && !(low < high && float.IsFinite(low) && float.IsFinite(high)))
                throw new TransformException(StatusKind.InvalidArgument, $"{name}_min={low} and {name}_max={high} are no range: the minimum must be less than the maximum, both finite");
        }
    }
}
