using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>
/// Folds inference batch norms, whole or decomposed, into the convolutions and matrix products beside them.
/// <code>
/// c = Conv2D(x, w)
/// b = BiasAdd(c, bias)                                  c = Conv2D(x, w')           w'[…, i] = w[…, i]·scale[i]
/// y = FusedBatchNormV3(b, γ, β, mean, variance)    →    b = BiasAdd(c, bias')       bias'[i] = bias[i]·scale[i]
///                                                       y = BiasAdd(b, offset)      scale = γ/√(variance + ε), offset = β − mean·scale
/// </code>
/// Norms are Mul and division by constants, FusedBatchNorm V1 to V3 and BatchNormWithGlobalNormalization. They go into the Conv2D, DepthwiseConv2dNative, Conv3D, Conv2DBackpropInput or
/// MatMul before them, through Identity, additions of constants, Pad and BatchToSpaceND; else into the one after them, through Identity, Pad and SpaceToBatchND, where an offset needs an
/// op that adds no zeros at the borders. NHWC and NCHW. Shared weights are copied. Results differ by rounding only, about 1e-6 of the largest value.
/// </summary>
[Transform("fold_norms", Summary = "Folds every inference batch norm into the convolution or matrix product before or after it.", NeedsBackend = true)]
public sealed class FoldNorms : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context)
    {
        var constants = new ConstantValues(graph, context);
        var order = ExecutionOrder.Sort(graph);
        if (order.Error is { } error)
            throw error;
        foreach (string name in order.Nodes.Select(node => node.Name))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (graph.Find(name) is { } node && !constants.IsConstant(name) && ChannelNorm.Of(node, constants, context) is { } norm)
                constants.Graph = graph = Fold(graph, norm, constants, context);
        }
        return graph;
    }

    private static Graph Fold(Graph graph, ChannelNorm norm, ConstantValues constants, TransformContext context)
    {
        if (graph.ConsumersOf(norm.Head).Any(consumer => consumer.Node.Inputs[consumer.Input].Port > 0))
        {
            context.Explain(norm.Head.Name, "its statistics outputs are read");
            return graph;
        }
        Graph? folded = new UpstreamNormFold(graph, norm, constants, context).Fold(out string? before);
        string? after = null;
        folded ??= new DownstreamNormFold(graph, norm, constants, context).Fold(out after);
        if (folded is not null)
        {
            context.Count("norms folded");
            return folded;
        }
        context.Explain(norm.Head.Name, $"not into what is before: {before}; nor into what is after: {after}");
        return graph;
    }
}
