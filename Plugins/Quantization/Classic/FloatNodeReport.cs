using System.Collections.Frozen;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>Says of nodes that quantize_nodes leaves in float how large their constants and results are, why they stay, and what helps.</summary>
internal sealed class FloatNodeReport(Graph graph, TransformContext context)
{
    /// <summary>How the names of ops begin that belong to quantization themselves, or that compute nothing.</summary>
    private static readonly string[] Others = ["Const", "Dequantize", "FakeQuant", "Placeholder", "Quantize", "Requantiz"];

    private static readonly FrozenDictionary<string, string> Advice = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["AddV2"] = "rename_op(old_op_name=AddV2, new_op_name=Add) before it makes it one",
        ["BatchNormWithGlobalNormalization"] = "fold_norms before it folds it into the weights",
        ["ConcatV2"] = "backport_concatv2 before it makes it one that has",
        ["DepthwiseConv2dNative"] = "quantize, by calibrated ranges, has one",
        ["FusedBatchNorm"] = "fold_norms before it folds it into the weights",
        ["FusedBatchNormV2"] = "fold_norms before it folds it into the weights",
        ["FusedBatchNormV3"] = "fold_norms before it folds it into the weights",
        ["Identity"] = "remove_nodes(op=Identity) before it removes it",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly Lazy<IReadOnlyDictionary<string, TensorShape[]>> shapes = new(() => InferredShapes.Of(graph, context));

    /// <summary>Reports a node that is not converted.</summary>
    public void Add(Node node, Decline decline) => context.Explain(node.Name, $"stays float{Size(node)}: {decline.Reason}");

    /// <summary>Reports a node of an op without an 8-bit version when its results are float.</summary>
    public void AddOther(Node node, QuantizeNodesOptions options)
    {
        if (Others.Any(other => node.Op.StartsWith(other, StringComparison.Ordinal)) || OpTable.Find(node.Op) is not { } definition)
            return;
        bool isFloat = definition.Outputs.Any(output => (output.TypeAttribute.Length > 0 ? node.TypeAttribute(output.TypeAttribute) : output.Type) == DataType.Float);
        if (!isFloat)
            return;
        string reason = options.IgnoreOp.Contains(node.Op) ? "ignore_op names its op"
            : Advice.TryGetValue(node.Op, out string? advice) ? $"op {node.Op} has no 8-bit op here; {advice}"
            : $"op {node.Op} has no 8-bit op here";
        Add(node, new Decline(reason, node));
    }

    private string Size(Node node)
    {
        long bytes = node.DataInputs.Sum(input => graph.Find(input.Node)?.TensorAttribute("value") is { Type: DataType.Float } value ? value.ElementCount * sizeof(float) : 0);
        string constants = bytes > 0 ? string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes of constants") : "";
        string result = shapes.Value.TryGetValue(node.Name, out var results) && results.Length > 0 && !results[0].IsUnknownRank ? $"result {results[0]}" : "";
        string[] sizes = [.. new[] { constants, result }.Where(size => size.Length > 0)];
        return sizes.Length == 0 ? "" : $" ({string.Join(", ", sizes)})";
    }
}
