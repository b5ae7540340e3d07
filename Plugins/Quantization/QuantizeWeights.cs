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
    private static readonly string[] Suffixes = ["_quantized_const", "_quantized_min", "_quantized_max"];

    public sealed record Options
    {
        [Option("minimum_size", "Constants of fewer elements stay float.")]
        public int MinimumSize { get; init; } = 1024;
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        var jobs = new Dictionary<Node, Task<WeightQuantization>>(ReferenceEqualityComparer.Instance);
        try
        {
            foreach (Node node in graph.Nodes)
            {
                if (FloatConstant(node) is { } value && !IsSmall(value, options))
                    jobs[node] = WeightQuantization.Start(value, context.IsVerbatim, context.Cancellation);
            }
            return Replace(graph, options, node => jobs[node].GetAwaiter().GetResult(), context);
        }
        finally
        {
            foreach (var (node, job) in jobs)
            {
                ((IAsyncResult)job).AsyncWaitHandle.WaitOne();
                MappedPages.Release(ClassicConstants.Value(node, out _).StoredBytes);
            }
        }
    }

    private static Graph Replace(Graph graph, Options options, Func<Node, WeightQuantization> resultOf, TransformContext context)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        var quantized = new Dictionary<Node, FloatExtremes>(ReferenceEqualityComparer.Instance);
        foreach (Node node in graph.Nodes)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (FloatConstant(node) is not { } value)
            {
                nodes.Add(node);
                continue;
            }
            WeightQuantization? result = IsSmall(value, options) ? null : resultOf(node);
            if (DeclineOf(graph, node, value, result, options, context) is { } reason)
            {
                context.Explain(node.Name, string.Create(CultureInfo.InvariantCulture, $"stays float ({value.ElementCount * sizeof(float)} bytes): {reason}"));
                nodes.Add(node);
                continue;
            }
            nodes.AddRange(Replacement(node, result!, context));
            quantized.Add(node, result!.Ends);
        }
        ChannelRangeImbalance.Warn(graph, (_, constant) => quantized.TryGetValue(constant, out var ends) ? ends : null, context);
        return graph.WithNodes(nodes.ToImmutable()).AsNodesOnly(context);
    }

    private static Tensor? FloatConstant(Node node) =>
        node.Op == "Const" && ClassicConstants.Value(node, out DataType type) is { } value && type == DataType.Float ? value : null;

    private static bool IsSmall(Tensor value, Options options) => (ulong)value.ElementCount < (ulong)(long)options.MinimumSize;

    /// <summary>Why a constant stays float, or null.</summary>
    private static string? DeclineOf(Graph graph, Node node, Tensor value, WeightQuantization? result, Options options, TransformContext context)
    {
        if (result is null)
            return string.Create(CultureInfo.InvariantCulture, $"it has {value.ElementCount} elements, fewer than minimum_size={options.MinimumSize}");
        if (result.Flaw is { } flaw)
        {
            if (value.ElementCount > 0)
                context.Report(QuantizationDiagnostics.ConstantKept.At(node, flaw));
            return flaw;
        }
        return !context.IsVerbatim && Suffixes.FirstOrDefault(suffix => graph.TryFind(node.Name + suffix, out _)) is { } taken
            ? $"the graph has a node '{node.Name}{taken}' already"
            : null;
    }

    private static ImmutableArray<Node> Replacement(Node node, WeightQuantization result, TransformContext context)
    {
        NodeInput[] controls = context.IsVerbatim ? [] : [.. node.ControlInputs];
        Node quantized = Constant(node.Name + "_quantized_const", result.Values!, controls);
        Node lower = Constant(node.Name + "_quantized_min", Tensor.Scalar(result.Min), controls);
        Node upper = Constant(node.Name + "_quantized_max", Tensor.Scalar(result.Max), controls);
        context.Count("constants quantized");
        return [quantized, lower, upper, new Node(node.Name, "Dequantize", quantized.Name, lower.Name, upper.Name).With("T", DataType.QUInt8).With("mode", "MIN_FIRST")];
    }

    private static Node Constant(string name, Tensor value, NodeInput[] controls) => Node.Constant(name, value) with { Inputs = [.. controls] };
}
