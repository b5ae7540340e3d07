using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Suppression of overlapping boxes.
/// <code>
/// NON_MAX_SUPPRESSION_V4, _V5                       ↔   NonMaxSuppressionV4, V5 {pad_to_max_output_size}
/// STRIDED_SLICE(NON_MAX_SUPPRESSION_V4, 0, count)   ←   NonMaxSuppressionV3, V2
/// </code>
/// </summary>
[OperatorConverter("NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5", Nodes = ["NonMaxSuppressionV2", "NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5"])]
internal sealed class NonMaxSuppression : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        bool hasScores = op.Name == "NON_MAX_SUPPRESSION_V5";
        NodeDraft node = hasScores
            ? op.Graph.Add("NonMaxSuppressionV5", [.. Enumerable.Range(0, 6).Select(op.Stored)], ("pad_to_max_output_size", true))
            : op.Graph.Add("NonMaxSuppressionV4", [.. Enumerable.Range(0, 5).Select(op.Stored)], ("pad_to_max_output_size", true));
        for (int i = 0; i < op.OutputCount && i < node.OutputTypes.Length; i++)
            op.Result(new(node, i), i);
    }

    public override void Write(NodeWriter node)
    {
        if (node.Node.Op is "NonMaxSuppressionV2" or "NonMaxSuppressionV3")
        {
            WriteUnpadded(node);
            return;
        }
        if (!node.Node.Bool("pad_to_max_output_size"))
            throw node.Decline("only results padded to the largest size have a counterpart");
        bool hasScores = node.Node.Op == "NonMaxSuppressionV5";
        TensorType[] types = hasScores ? [TensorType.Int32, TensorType.Float32, TensorType.Int32] : [TensorType.Int32, TensorType.Int32];
        List<TensorDraft> outputs = node.EmitMany(hasScores ? "NON_MAX_SUPPRESSION_V5" : "NON_MAX_SUPPRESSION_V4", [.. Enumerable.Range(0, node.InputCount).Select(node.In)], types);
        for (int i = 0; i < outputs.Count; i++)
            node.Out(outputs[i], i);
    }

    /// <summary>The results in front of the padding.</summary>
    private static void WriteUnpadded(NodeWriter node)
    {
        TensorDraft least = node.InputCount > 4 ? node.In(4) : node.Constant(float.MinValue);
        List<TensorDraft> padded = node.EmitMany("NON_MAX_SUPPRESSION_V4", [node.In(0), node.In(1), node.In(2), node.In(3), least], [TensorType.Int32, TensorType.Int32]);
        TensorDraft count = node.Emit("RESHAPE", [padded[1], node.Int32Constant([1])]);
        node.Out(node.Emit("STRIDED_SLICE", [padded[0], node.Int32Constant([0]), count, node.Int32Constant([1])], ("begin_mask", 1)));
    }
}
