using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>
/// Folds a constant multiplication per channel after a convolution or matrix product into its weights.
/// <code>
/// c = Conv2D(x, w)
/// y = Mul(c, factor)      →   y = Conv2D(x, w')        with w'[…, i] = w[…, i]·factor[i]
/// </code>
/// The operands of Mul must be in that order. Of several convolutions of one input a run folds only the first; run it again for the others. The original fails when the factor is
/// not a vector of the channels, forgets <c>transpose_b</c> and NCHW, and folds away a convolution that is itself an output; without --verbatim such a match is declined.
/// </summary>
[Transform("fold_batch_norms", Summary = "Folds multiplications by constants into the weights of convolutions and matrix products.", IsClassic = true)]
public sealed class FoldBatchNorms : Transform
{
    private static readonly OpPattern Scaled = OpPattern.Of("Mul", OpPattern.Of("Conv2D|MatMul|DepthwiseConv2dNative", "*", "Const"), "Const");

    protected override Graph Apply(Graph graph, TransformContext context) =>
        PatternReplacement.Apply(graph, Scaled, site => Fold(site, context), onUndone: (match, lost) => context.Decline(match.Node, $"'{lost}' is read elsewhere"))
            .AsNodesOnly(context);

    private static ImmutableArray<Node> Fold(MatchSite site, TransformContext context)
    {
        Node mul = site.Match.Node;
        Node conv = site.Match.Inputs[0].Node;
        Node input = site.Match.Inputs[0].Inputs[0].Node;
        Node weights = site.Match.Inputs[0].Inputs[1].Node;
        Node factor = site.Match.Inputs[1].Node;
        ImmutableArray<Node> untouched = [mul, conv, input, weights, factor];
        if (new[] { conv, weights, factor }.FirstOrDefault(node => site.OutputNodes.Contains(node.Name)) is { } shared)
        {
            context.Decline(mul, $"'{shared.Name}' is read elsewhere");
            return context.IsVerbatim ? untouched : site.Match.AllNodes();
        }
        if (!context.IsVerbatim && ReasonToDecline(context, conv, input, weights, factor) is { } reason)
        {
            context.Decline(mul, reason);
            return site.Match.AllNodes();
        }
        Tensor filter = weights.FloatConstant();
        Tensor factors = factor.FloatConstant();
        if (factors.Shape.Rank != 1 || factors.Shape[0] != FilterColumns.Count(conv.Op, filter.Shape))
            throw new TransformException(StatusKind.InvalidArgument, $"Mul constant input to batch norm has bad shape: {factors.Shape}", factor.Name);
        context.Count("multiplications folded");
        Node folded = conv with { Name = mul.Name };
        if (!context.IsVerbatim)
            folded = folded with { Inputs = [.. folded.Inputs, .. mul.ControlInputs.Except(folded.Inputs)] };
        return [Node.Constant(weights.Name, FilterColumns.Scale(filter, factors.AsSpan<float>())), input, folded];
    }

    private static string? ReasonToDecline(TransformContext context, Node conv, Node input, Node weights, Node factor)
    {
        if (context.IsOutput(conv))
            return $"'{conv.Name}' is itself an output";
        if (input.Name == weights.Name)
            return "the weights are also the input";
        if (conv.Bool("transpose_b", false))
            return "the weights are transposed";
        if (conv.String("data_format", "") == "NCHW")
            return "the product of NCHW data with a vector is not one per channel";
        if (weights.TensorAttribute("value") is not { Type: DataType.Float, IsDecodable: true } filter || factor.TensorAttribute("value") is not { Type: DataType.Float, IsDecodable: true } factors)
            return "weights and factor are not both float";
        return factors.Shape.Rank == 1 && factors.Shape[0] == FilterColumns.Count(conv.Op, filter.Shape)
            ? null
            : $"the factor has shape {factors.Shape}, the weights have {FilterColumns.Count(conv.Op, filter.Shape)} columns";
    }
}
