using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>NonMaxSuppressionV3, V4 and V5 by V2: what it selects, in the order of scores, is cut by the threshold afterwards.</summary>
internal static class NonMaxSuppression
{
    private const int Threshold = 4;
    private const int Sigma = 5;

    public static Decline? Rewrite(DowngradeSite site)
    {
        Node node = site.Node;
        if (node.Op == "NonMaxSuppressionV5" && !(site.Constant(site.Inputs[Sigma]) is { } sigma && sigma.Bytes.Span.IndexOfAnyExcept((byte)0) < 0))
            return site.Decline("its scores fade softly (soft_nms_sigma is not 0)");
        NodeInput boxes = site.Cast(site.Inputs[0], DataType.Float);
        NodeInput scores = site.Cast(site.Inputs[1], DataType.Float);
        NodeInput selected = site.Add("NonMaxSuppressionV2", [boxes, scores, site.Inputs[2], site.Cast(site.Inputs[3], DataType.Float)]);
        NodeInput isKept = site.Binary("Greater", site.Gather(scores, selected), site.Cast(site.Inputs[Threshold], DataType.Float));
        NodeInput places = site.Reshape(site.Add("Where", [isKept]), -1);
        NodeInput kept = site.Gather(selected, places);
        NodeInput count = site.Add("Size", [kept], ("T", DataType.Int32), ("out_type", DataType.Int32));
        bool isPadded = node.Bool("pad_to_max_output_size", false);
        NodeInput indices = isPadded ? Padded(site, kept, count) : kept;
        if (node.Op == "NonMaxSuppressionV3")
            return site.Replace(indices);
        if (node.Op == "NonMaxSuppressionV4")
            return site.Replace(indices, count);
        NodeInput selectedScores = site.Gather(scores, kept);
        return site.Replace(indices, site.Cast(isPadded ? Padded(site, selectedScores, count) : selectedScores, site.Type(site.Inputs[1])), count);
    }

    /// <summary>Zeros after the values, up to the largest number of outputs.</summary>
    private static NodeInput Padded(DowngradeSite site, NodeInput values, NodeInput count)
    {
        NodeInput missing = site.Binary("Sub", site.Inputs[2], count);
        NodeInput pair = site.Add("Pack", [site.Int(0), missing], ("N", 2), ("T", DataType.Int32), ("axis", 0));
        return site.Add("Pad", [values, site.ExpandDims(pair, 0)], ("T", site.Type(values)), ("Tpaddings", DataType.Int32));
    }
}
