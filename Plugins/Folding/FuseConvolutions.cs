using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>What the three fusions of resizing, padding and convolution share.</summary>
internal static class FuseConvolutions
{
    /// <summary>Replaces matches; without --verbatim one that the fused op does not compute is declined.</summary>
    public static Graph Apply(Graph graph, OpPattern pattern, TransformContext context, Func<NodeMatch, IEnumerable<Node>> fuse) =>
        PatternReplacement.Apply(graph, pattern, site => Fuse(site, context, fuse), onUndone: (match, lost) => context.Decline(match.Node, $"'{lost}' is read elsewhere"))
            .AsNodesOnly(context);

    /// <summary>The fused convolution, with the attributes that it takes from the convolution.</summary>
    public static Node Fused(Node conv, string op, params ReadOnlySpan<NodeInput> inputs) =>
        new Node(conv.Name, op, inputs)
            .With("T", conv.RequiredAttribute("T"))
            .With("padding", conv.RequiredAttribute("padding"))
            .With("strides", conv.RequiredAttribute("strides"));

    private static IEnumerable<Node> Fuse(MatchSite site, TransformContext context, Func<NodeMatch, IEnumerable<Node>> fuse)
    {
        if (!context.IsVerbatim && ReasonToDecline(site.Match, context) is { } reason)
        {
            context.Decline(site.Match.Node, reason);
            return site.Match.AllNodes();
        }
        context.Count("convolutions fused");
        var nodes = fuse(site.Match);
        return context.IsVerbatim ? nodes : nodes.Select(node => node.Name == site.Match.Node.Name ? WithControlInputs(node, site.Match) : node);
    }

    private static Node WithControlInputs(Node fused, NodeMatch match)
    {
        var controls = Chain(match).SelectMany(node => node.ControlInputs).Distinct();
        return fused with { Inputs = [.. fused.Inputs, .. controls] };
    }

    /// <summary>The convolution and what is fused into it.</summary>
    private static IEnumerable<Node> Chain(NodeMatch match)
    {
        for (NodeMatch? current = match; current?.Node.Op is "Conv2D" or "MirrorPad" or "ResizeBilinear"; current = current.Inputs.FirstOrDefault())
            yield return current.Node;
    }

    private static string? ReasonToDecline(NodeMatch match, TransformContext context)
    {
        Node conv = match.Node;
        foreach (Node inner in Chain(match).Skip(1))
        {
            if (context.IsOutput(inner))
                return $"'{inner.Name}' is itself an output";
            if (inner.Op == "ResizeBilinear" && inner.Bool("half_pixel_centers", false))
                return $"'{inner.Name}' has half_pixel_centers, which the fused op has not";
            if (inner.Op == "ResizeBilinear" && inner.TypeAttribute("T") != conv.TypeAttribute("T"))
                return $"'{inner.Name}' reads another type than the convolution";
        }
        if (conv.String("data_format", "NHWC") != "NHWC")
            return "the fused op knows NHWC only";
        if (conv.TryLongList("dilations", out var dilations) && dilations.Any(dilation => dilation != 1))
            return "the fused op has no dilations";
        return conv.String("padding", "") == "EXPLICIT" ? "the fused op has no explicit padding" : null;
    }
}
