using TransformFramework.Graphs;
using TransformFramework.Structure.Downgrade.Rules;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade;

/// <summary>Rewrites a node that the target does not take as it is; says why when it cannot.</summary>
internal delegate Decline? DowngradeRule(DowngradeSite site);

/// <summary>The rule of each op. A rule knows no target: what it makes may be rewritten again.</summary>
internal static class DowngradeRules
{
    private static readonly Dictionary<string, DowngradeRule> ByOp = new(StringComparer.Ordinal)
    {
        ["AddV2"] = site => site.Become(site.Node with { Op = "Add" }),
        ["BatchMatMulV2"] = MatrixProducts.BatchMatMul,
        ["BatchMatMulV3"] = MatrixProducts.MixedTypes,
        ["Einsum"] = Einsum.Rewrite,
        ["FusedBatchNormV3"] = BatchNorms.Rewrite,
        ["FusedBatchNormV2"] = BatchNorms.Rewrite,
        ["LeakyRelu"] = Elementwise.LeakyRelu,
        ["ClipByValue"] = Elementwise.ClipByValue,
        ["DivNoNan"] = Elementwise.DivNoNan,
        ["MulNoNan"] = Elementwise.MulNoNan,
        ["Xlogy"] = Elementwise.Xlogy,
        ["Xlog1py"] = Elementwise.Xlog1py,
        ["Xdivy"] = Elementwise.Xdivy,
        ["EuclideanNorm"] = Elementwise.EuclideanNorm,
        ["Equal"] = Elementwise.Compare,
        ["NotEqual"] = Elementwise.Compare,
        ["SelectV2"] = Broadcasting.Select,
        ["BroadcastTo"] = Broadcasting.BroadcastTo,
        ["MatrixDiagV2"] = Diagonals.Diag,
        ["MatrixDiagV3"] = Diagonals.Diag,
        ["MatrixDiagPartV2"] = Diagonals.DiagPart,
        ["MatrixDiagPartV3"] = Diagonals.DiagPart,
        ["MatrixSetDiagV2"] = Diagonals.SetDiag,
        ["MatrixSetDiagV3"] = Diagonals.SetDiag,
        ["ResizeBilinear"] = Resizing.Bilinear,
        ["ResizeBicubic"] = Resizing.Bicubic,
        ["ResizeNearestNeighbor"] = Resizing.Nearest,
        ["Conv2D"] = Convolutions.Rewrite,
        ["DepthwiseConv2dNative"] = Convolutions.Rewrite,
        ["Conv"] = Convolutions.Generic,
        ["MaxPool"] = Convolutions.MaxPool,
        ["_FusedConv2D"] = FusedOps.Rewrite,
        ["_FusedDepthwiseConv2dNative"] = FusedOps.Rewrite,
        ["_FusedMatMul"] = FusedOps.Rewrite,
        ["_FusedBatchNormEx"] = FusedOps.BatchNorm,
        ["GatherV2"] = Indexing.Gather,
        ["GatherNd"] = Indexing.GatherNd,
        ["TensorScatterAdd"] = Indexing.ScatterAdd,
        ["TensorScatterSub"] = Indexing.ScatterSub,
        ["TensorScatterUpdate"] = Indexing.ScatterUpdate,
        ["Where"] = Indexing.Where,
        ["Fill"] = Indexing.Fill,
        ["Roll"] = Indexing.Roll,
        ["LowerBound"] = Searching.LowerBound,
        ["UpperBound"] = Searching.UpperBound,
        ["UnravelIndex"] = Searching.UnravelIndex,
        ["DenseBincount"] = Searching.DenseBincount,
        ["TopKV2"] = Searching.TopK,
        ["ApproxTopK"] = Searching.ApproxTopK,
        ["ConcatOffset"] = Searching.ConcatOffset,
        ["NonMaxSuppressionV3"] = NonMaxSuppression.Rewrite,
        ["NonMaxSuppressionV4"] = NonMaxSuppression.Rewrite,
        ["NonMaxSuppressionV5"] = NonMaxSuppression.Rewrite,
        ["StatelessRandomUniformV2"] = StatelessRandom.Rewrite,
        ["StatelessRandomNormalV2"] = StatelessRandom.Rewrite,
        ["StatelessTruncatedNormalV2"] = StatelessRandom.Rewrite,
        ["StatelessRandomUniformIntV2"] = StatelessRandom.Rewrite,
        ["QuantizeAndDequantizeV2"] = Quantization.QuantizeAndDequantize,
        ["QuantizeAndDequantizeV3"] = Quantization.QuantizeAndDequantize,
        ["QuantizeAndDequantizeV4"] = Quantization.QuantizeAndDequantize,
        ["Dequantize"] = Quantization.Dequantize,
        ["QuantizeV2"] = Quantization.Quantize,
        ["EnsureShape"] = Identities.PassOn,
        ["Snapshot"] = Identities.PassOn,
        ["GuaranteeConst"] = Identities.PassOn,
        ["XlaSharding"] = Identities.PassOn,
        ["DisableCopyOnRead"] = site => site.Become(new Node(site.Node.Name, "NoOp") { Device = site.Node.Device }),
        ["ConjugateTranspose"] = Identities.ConjugateTranspose,
        ["TensorListFromTensor"] = TensorLists.FromTensor,
        ["TensorListScatter"] = TensorLists.Scatter,
        ["TensorListScatterV2"] = TensorLists.Scatter,
        ["TensorListReserve"] = TensorLists.Reserve,
        ["TensorListSetItem"] = TensorLists.SetItem,
        ["TensorListGetItem"] = TensorLists.GetItem,
        ["TensorListStack"] = TensorLists.Stack,
        ["TensorListGather"] = TensorLists.Gather,
        ["TensorListLength"] = TensorLists.Length,
        ["TensorListConcat"] = TensorLists.Concat,
        ["TensorListConcatV2"] = TensorLists.Concat,
    };

    public static DowngradeRule? Find(string op) => ByOp.GetValueOrDefault(op);

    /// <summary>True for an op that the target has but computes otherwise: up to 1.14, QuantizeAndDequantizeV2 scales by other factors.</summary>
    public static bool IsForced(Node node, TensorFlowRelease target) => node.Op is "QuantizeAndDequantizeV2" or "QuantizeAndDequantizeV3" && target.Producer <= 24;
}
