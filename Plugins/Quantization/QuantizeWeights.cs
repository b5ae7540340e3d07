using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Classic;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.ModelFiles;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>
/// Stores large float constants in 8 bits.
/// <code>
/// w = Const() {dtype=float}      →      w_quantized_const = Const() {dtype=quint8}
///                                       w_quantized_min = Const() {dtype=float}
///                                       w_quantized_max = Const() {dtype=float}
///                                       w = Dequantize(w_quantized_const, w_quantized_min, w_quantized_max) {mode="MIN_FIRST"}
/// </code>
/// The range always contains zero. The file shrinks to about a quarter; the graph still computes in float, unless quantize_nodes follows. Constants of fewer than
/// <c>minimum_size</c> elements stay. All channels share one range: where that leaves most channels of a layer almost nothing, a warning (TFX2042) names the layer. The original writes ranges of NaN-only, all-zero and infinite constants that no kernel makes sense of and forgets control inputs; without
/// --verbatim constants with NaN, infinite elements or a range wider than the largest float stay float, one of zeros gets the range 0 to 1, and control inputs are kept.
/// </summary>
[Transform("quantize_weights", Summary = "Stores large float constants in 8 bits.", IsClassic = true, IsLossy = true)]
public sealed class QuantizeWeights : Transform<QuantizeWeights.Options>
{
    /// <summary>Kernels divide by the width of a level, which is no normal float in smaller ranges.</summary>
    private const float SmallestRange = 255 * 1.17549435e-38f;

    private static readonly string[] Suffixes = ["_quantized_const", "_quantized_min", "_quantized_max"];

    public sealed record Options
    {
        [Option("minimum_size", "Constants of fewer elements stay float.")]
        public int MinimumSize { get; init; } = 1024;
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        var quantized = new HashSet<Node>(ReferenceEqualityComparer.Instance);
        foreach (Node node in graph.Nodes)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (node.Op != "Const" || ClassicConstants.Value(node, out DataType type) is not { } value || type != DataType.Float)
            {
                nodes.Add(node);
                continue;
            }
            string? reason = DeclineOf(graph, node, value, options, context);
            if (reason is null)
            {
                nodes.AddRange(Quantize(node, context));
                quantized.Add(node);
                continue;
            }
            context.Explain(node.Name, string.Create(CultureInfo.InvariantCulture, $"stays float ({value.ElementCount * sizeof(float)} bytes): {reason}"));
            nodes.Add(node);
        }
        ChannelRangeImbalance.Warn(graph, (_, constant) => quantized.Contains(constant), context);
        foreach (Node node in quantized)
            MappedPages.Release(ClassicConstants.Value(node, out _).StoredBytes);
        return graph.WithNodes(nodes.ToImmutable()).AsNodesOnly(context);
    }

    /// <summary>Why a constant stays float, or null.</summary>
    private static string? DeclineOf(Graph graph, Node node, Tensor value, Options options, TransformContext context)
    {
        if ((ulong)value.ElementCount < (ulong)(long)options.MinimumSize)
            return string.Create(CultureInfo.InvariantCulture, $"it has {value.ElementCount} elements, fewer than minimum_size={options.MinimumSize}");
        if (context.IsVerbatim)
            return null;
        ReadOnlySpan<float> elements = value.AsSpan<float>();
        FloatExtremes ends = FloatExtremes.Of(elements);
        string? mismatched = elements.IsEmpty ? "it is empty"
            : !ends.AreFinite ? "it holds NaN or infinite elements"
            : !float.IsFinite(ends.Max - ends.Min) ? "its range is wider than the largest float"
            : null;
        if (mismatched is not null && !elements.IsEmpty)
            context.Report(QuantizationDiagnostics.ConstantKept.At(node, mismatched));
        if (mismatched is null && Suffixes.FirstOrDefault(suffix => graph.TryFind(node.Name + suffix, out _)) is { } taken)
            mismatched = $"the graph has a node '{node.Name}{taken}' already";
        return mismatched;
    }

    private static ImmutableArray<Node> Quantize(Node node, TransformContext context)
    {
        Tensor value = ClassicConstants.Value(node, out _);
        var (min, max) = RangeOf(value.AsSpan<float>(), context.IsVerbatim);
        NodeInput[] controls = context.IsVerbatim ? [] : [.. node.ControlInputs];
        Node quantized = Constant(node.Name + "_quantized_const", MinFirstQuantizer.Quantize(value, min, max), controls);
        Node lower = Constant(node.Name + "_quantized_min", Tensor.Scalar(min), controls);
        Node upper = Constant(node.Name + "_quantized_max", Tensor.Scalar(max), controls);
        context.Count("constants quantized");
        return [quantized, lower, upper, new Node(node.Name, "Dequantize", quantized.Name, lower.Name, upper.Name).With("T", DataType.QUInt8).With("mode", "MIN_FIRST")];
    }

    private static (float Min, float Max) RangeOf(ReadOnlySpan<float> values, bool isVerbatim)
    {
        var (min, max) = ClassicRange.Of(values);
        min = Math.Min(min, 0f);
        max = Math.Max(max, 0f);
        if (min == max)
            max = MathF.Abs(min) < 1e-6f ? min + 1f : min > 0f ? 2f * min : min / 2f;
        return !isVerbatim && max - min < SmallestRange ? (0f, 1f) : (min, max);
    }

    private static Node Constant(string name, Tensor value, NodeInput[] controls) => Node.Constant(name, value) with { Inputs = [.. controls] };
}
