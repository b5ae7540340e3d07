using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>Where fold_old_batch_norms would change what a graph computes.</summary>
internal static class OldBatchNormDeclines
{
    /// <summary>Why a match should stay, or null.</summary>
    public static string? Find(Graph graph, MatchSite site, TransformContext context)
    {
        Node batchNorm = site.Match.Node;
        NodeMatch body = site.Match.Inputs[0];
        if (batchNorm.Op == "FusedBatchNorm" && batchNorm.Bool("is_training", true))
            return "is_training is not false: it normalizes by the statistics of the batch";
        if (graph.ConsumersOf(batchNorm).Any(consumer => consumer.Node.Inputs[consumer.Input] is { IsControl: false, Port: > 0 }))
            return "its statistics outputs are read";
        var convolutions = body.Node.Op is "Conv2D" or "DepthwiseConv2dNative" ? [body] : body.Inputs.Where(input => input.Node.Op is "Conv2D" or "DepthwiseConv2dNative").ToArray();
        foreach (NodeMatch inner in convolutions.Append(body))
        {
            if (site.OutputNodes.Contains(inner.Node.Name) || context.IsOutput(inner.Node))
                return $"'{inner.Node.Name}' is read elsewhere";
        }
        if (convolutions.Length == 2 && convolutions[0].Node.Name == convolutions[1].Node.Name)
            return "one convolution is concatenated with itself";
        if (convolutions.Length == 2 && convolutions[0].Inputs[1].Node.Name == convolutions[1].Inputs[1].Node.Name)
            return "two convolutions share their weights";
        if (convolutions.Select(convolution => convolution.Inputs[1].Node.Name).FirstOrDefault(weights => convolutions.Any(convolution => convolution.Inputs[0].Node.Name == weights)) is { } both)
            return $"'{both}' are weights and data";
        return Parameters(site, convolutions) ?? Layout(body, convolutions);
    }

    private static string? Parameters(MatchSite site, NodeMatch[] convolutions)
    {
        var constants = site.Match.Inputs.Skip(1).Concat(convolutions.Select(convolution => convolution.Inputs[1]));
        return constants.FirstOrDefault(input => input.Node.TensorAttribute("value") is not { Type: DataType.Float, IsDecodable: true }) is { } other
            ? $"'{other.Node.Name}' is not a float constant"
            : null;
    }

    private static string? Layout(NodeMatch body, NodeMatch[] convolutions)
    {
        if (convolutions.Length != 2)
            return null;
        if (convolutions.Any(convolution => convolution.Node.String("data_format", "") == "NCHW"))
            return "the channels of NCHW data are not concatenated along the last axis";
        bool isLast = body.Inputs[2].Node.TensorAttribute("value") is { Type: DataType.Int32, IsDecodable: true, ElementCount: 1 } axis && axis.AsSpan<int>()[0] == 3;
        bool isDepthwise = convolutions.Any(convolution => convolution.Node.Op == "DepthwiseConv2dNative");
        return isLast && !isDepthwise ? null : "only plain convolutions concatenated along axis 3 are folded";
    }
}
