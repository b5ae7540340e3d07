using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;

namespace TransformFramework.TfLite.Operators;

/// <summary><c>NON_MAX_SUPPRESSION_V4, _V5   ↔   NonMaxSuppressionV4, V5 {pad_to_max_output_size}</c>.</summary>
[OperatorConverter("NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5")]
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
}
