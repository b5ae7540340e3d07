using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>FusedBatchNormV3 and V2 as FusedBatchNorm, in float: of half and bfloat16 with casts around it, of rank 5 with the inner dimensions as one.</summary>
internal static class BatchNorms
{
    private const int FirstNewOutput = 5;

    public static Decline? Rewrite(DowngradeSite site)
    {
        Node node = site.Node;
        if (node.Float("exponential_avg_factor", 1) != 1)
            return site.Decline("exponential_avg_factor is not 1");
        if (site.IsRead(FirstNewOutput))
            return site.Decline("its output 5 is read");
        bool isFlat = node.String("data_format", "NHWC") is "NHWC" or "NCHW";
        if (isFlat && node.Type("T") == DataType.Float && node.Type("U", DataType.Float) == DataType.Float)
            return site.Become(node.Without("U").Without("exponential_avg_factor") with { Op = "FusedBatchNorm" });
        return Around(site, node, isFlat);
    }

    private static Decline? Around(DowngradeSite site, Node node, bool isFlat)
    {
        NodeInput x = site.Inputs[0];
        TensorShape shape = site.Shape(x);
        bool channelsFirst = node.String("data_format", "NHWC") is "NCDHW";
        if (!isFlat && (channelsFirst || shape.Rank != 5 || shape.Dimensions.Skip(1).Any(dimension => dimension < 0)))
            return site.Decline("data of rank 5 is rewritten in NDHWC, of a known shape");
        NodeInput data = site.Cast(x, DataType.Float);
        if (!isFlat)
            data = site.Reshape(data, shape[0], shape[1] * shape[2], shape[3], shape[4]);
        NodeInput[] parameters = [.. site.Inputs.Skip(1).Select(parameter => site.Cast(parameter, DataType.Float))];
        NodeInput norm = site.Add(
            "FusedBatchNorm",
            [data, .. parameters],
            ("T", DataType.Float),
            ("epsilon", node.Float("epsilon", 1e-4f)),
            ("is_training", node.Bool("is_training", true)),
            ("data_format", isFlat ? node.String("data_format", "NHWC") : "NHWC"));
        NodeInput y = isFlat ? norm : site.Reshape(norm, shape.Dimensions.AsSpan());
        DataType statistics = node.Type("U", DataType.Float);
        NodeInput[] others = [.. Enumerable.Range(1, 4).Where(site.IsRead).Select(port => site.Cast(NodeInput.Data(norm.Node, port), statistics))];
        NodeInput[] results = [site.Cast(y, site.Type(x)), .. Enumerable.Repeat(norm, 4)];
        int next = 0;
        for (int port = 1; port <= 4; port++)
        {
            if (site.IsRead(port))
                results[port] = others[next++];
        }
        return site.Replace(results);
    }
}
