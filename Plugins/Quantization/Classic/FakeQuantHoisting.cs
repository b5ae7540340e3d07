using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>
/// Second pass of quantize_nodes: a fake quantization moves from behind up to three ops of one input to before them. Without --verbatim only across ops of which every
/// result is one of their arguments.
/// </summary>
internal static class FakeQuantHoisting
{
    private const int LongestChain = 3;

    private static readonly string[] Transparent = ["Identity", "MaxPool", "Relu", "Relu6", "Reshape", "Squeeze", "StopGradient"];

    public static Graph Apply(Graph graph, TransformContext context)
    {
        for (int length = LongestChain; length > 0; length--)
        {
            int depth = length;
            graph = PatternReplacement.Apply(graph, Pattern(depth), site => Hoist(site.Match, depth, context));
        }
        return graph;
    }

    private static OpPattern Pattern(int depth)
    {
        OpPattern chain = "*";
        for (int i = 0; i < depth; i++)
            chain = OpPattern.Of("*", chain);
        return OpPattern.Of("FakeQuantWithMinMaxVars", chain, "Const", "Const");
    }

    private static ImmutableArray<Node> Hoist(NodeMatch match, int depth, TransformContext context)
    {
        var chain = new List<Node>();
        NodeMatch current = match;
        for (int i = 0; i <= depth; i++)
        {
            current = current.Inputs[0];
            chain.Add(current.Node);
        }
        if (!context.IsVerbatim && chain.Take(depth).FirstOrDefault(node => !Transparent.Contains(node.Op)) is { } barrier)
        {
            context.Explain(match.Node.Name, $"it is not moved before '{barrier.Name}' ({barrier.Op}), which computes new values");
            return match.AllNodes();
        }
        Node farthest = chain[depth - 1];
        Node hoisted = match.Node with { Name = match.Node.Name + "_hoisted", Inputs = match.Node.Inputs.SetItem(0, farthest.Inputs[0]) };
        chain[depth - 1] = farthest with { Inputs = farthest.Inputs.SetItem(0, hoisted.Name) };
        chain[0] = chain[0] with { Name = match.Node.Name };
        context.Count("fake quantizations moved");
        return [hoisted, match.Inputs[1].Node, match.Inputs[2].Node, .. chain];
    }
}
