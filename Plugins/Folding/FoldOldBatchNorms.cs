using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>
/// Folds batch norms after convolutions into their weights and a BiasAdd.
/// <code>
/// c = Conv2D(x, w)                                      c = Conv2D(x, w')
/// y = FusedBatchNorm(c, gamma, beta, mean, variance) →  y = BiasAdd(c, c_bn_offset)
/// </code>
/// Also through BatchToSpaceND, and over the concatenation of two convolutions; BatchNormWithGlobalNormalization and FusedBatchNorm, not V2 and V3 (fold_norms
/// folds those). The original ignores <c>is_training</c>, changes what other readers of the convolution or its weights get, and never ends when a parameter is shared;
/// without --verbatim shared constants are copied and everything else of that kind is declined.
/// </summary>
[Transform("fold_old_batch_norms", Summary = "Folds batch norms into the convolutions before them.", IsClassic = true)]
public sealed class FoldOldBatchNorms : Transform
{
    private const string BatchNorms = "BatchNormWithGlobalNormalization|FusedBatchNorm";

    private static readonly OpPattern Convolution = OpPattern.Of("Conv2D|DepthwiseConv2dNative", "*", "Const");
    private static readonly OpPattern Direct = After(Convolution);
    private static readonly OpPattern ThroughSpace = After(OpPattern.Of("BatchToSpaceND", Convolution, "Const", "Const"));
    private static readonly OpPattern OverConcat = After(OpPattern.Of("ConcatV2|Concat", Convolution, Convolution, "Const"));

    protected override Graph Apply(Graph graph, TransformContext context)
    {
        graph = ToFixedPoint(graph, Direct, context, FoldDirect);
        graph = ToFixedPoint(graph, ThroughSpace, context, FoldThroughSpace);
        return ToFixedPoint(graph, OverConcat, context, FoldOverConcat).AsNodesOnly(context);
    }

    private static OpPattern After(OpPattern pattern) => OpPattern.Of(BatchNorms, pattern, "Const", "Const", "Const", "Const");

    private static Graph ToFixedPoint(Graph graph, OpPattern pattern, TransformContext context, Func<NodeMatch, ScalingJobs, BatchNormFold> fold)
    {
        var declined = new HashSet<string>(StringComparer.Ordinal);
        using var scaling = new ScalingJobs();
        while (true)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            int folded = 0;
            string? undone = null;
            Graph current = graph;
            graph = PatternReplacement.Apply(graph, pattern, Replace, onUndone: (match, lost) =>
            {
                folded--;
                undone = lost;
                if (declined.Add(match.Node.Name))
                    context.Decline(match.Node, $"'{lost}' is read elsewhere");
            });
            scaling.Finish();
            context.Count("batch norms folded", folded);
            if (folded > 0)
                continue;
            if (undone is not null && context.IsVerbatim)
                throw new TransformException(StatusKind.Aborted, $"the original never ends on this graph: '{undone}' is part of a batch norm and read elsewhere", undone) { Suggestion = "Run without --verbatim." };
            return graph;

            IEnumerable<Node> Replace(MatchSite site)
            {
                Node head = site.Match.Node;
                if (!context.IsVerbatim && OldBatchNormDeclines.Find(current, site, context) is { } reason)
                {
                    if (declined.Add(head.Name))
                        context.Decline(head, reason);
                    return site.Match.AllNodes();
                }
                folded++;
                BatchNormFold result = fold(site.Match, scaling);
                return context.IsVerbatim ? result.Nodes : result.Safely(current, site);
            }
        }
    }

    private static BatchNormFold FoldDirect(NodeMatch match, ScalingJobs scaling)
    {
        var fold = new BatchNormFold(match, scaling);
        fold.Add(match.Inputs[0], fold.Parameters, match.Node.Name);
        return fold;
    }

    private static BatchNormFold FoldThroughSpace(NodeMatch match, ScalingJobs scaling)
    {
        var fold = new BatchNormFold(match, scaling);
        NodeMatch space = match.Inputs[0];
        string bias = space.Inputs[0].Node.Name + "/biasadd";
        fold.Add(space.Inputs[0], fold.Parameters, bias);
        fold.Add(space.Inputs[1].Node, space.Inputs[2].Node, space.Node with { Name = match.Node.Name, Inputs = space.Node.Inputs.SetItem(0, bias) });
        return fold;
    }

    private static BatchNormFold FoldOverConcat(NodeMatch match, ScalingJobs scaling)
    {
        var fold = new BatchNormFold(match, scaling);
        NodeMatch concat = match.Inputs[0];
        Node axis = concat.Inputs[2].Node;
        var (first, second) = Split(fold.Parameters, concat, Axis(axis));
        string bias0 = concat.Node.Name + "_bn_in0";
        string bias1 = concat.Node.Name + "_bn_in1";
        fold.Add(concat.Inputs[0], first, bias0);
        fold.Add(concat.Inputs[1], second, bias1);
        fold.Add(axis, concat.Node with { Name = match.Node.Name, Inputs = concat.Node.Inputs.SetItem(0, bias0).SetItem(1, bias1) });
        return fold;
    }

    private static (BatchNormParameters First, BatchNormParameters Second) Split(BatchNormParameters all, NodeMatch concat, long axis)
    {
        if (axis != 3)
            return (all, all);
        TensorShape weights = concat.Inputs[0].Inputs[1].Node.FloatConstant().Shape;
        int channels = weights.Rank == 4 ? (int)weights[3] : 0;
        if (channels > all.Scale.Length)
            throw new TransformException(StatusKind.Aborted, $"'{concat.Inputs[0].Node.Name}' has more channels than the batch norm", concat.Node.Name);
        return (new(all.Scale[..channels], all.Offset[..channels]), new(all.Scale[channels..], all.Offset[channels..]));
    }

    private static long Axis(Node node) => node.ConstantValue() switch
    {
        { Type: DataType.Int32, ElementCount: > 0 } tensor => tensor.AsSpan<int>()[0],
        { Type: DataType.Int64, ElementCount: > 0 } tensor => tensor.AsSpan<long>()[0],
        _ => throw new TransformException(StatusKind.Aborted, $"the concatenation's axis '{node.Name}' is no integer", node.Name),
    };
}
