using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Plans.Operators.Binary;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Affine;

/// <summary>
/// A chain of nodes that <see cref="PostOps"/> can take in, without a product before it: y = clamp(x · scale + offset + residual). One node alone, but for a batch norm, has the bits of its reference
/// kernel: x · 1 + offset is rounded once, x · scale − 0 too.
/// </summary>
[Lowering(
    "BiasAdd", "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3",
    "Relu", "Relu6", "Add", "AddV2",
    "Sub", "Mul", "Minimum", "Maximum")]
internal sealed class AffineLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        bool isNormalization = node.Node.Op.StartsWith("FusedBatchNorm", StringComparison.Ordinal);
        if (builder.IsExactOnly && isNormalization)
            return false;
        TensorShape shape = graph[new(node.Index, 0)].Shape;
        foreach (TensorSource source in graph.Inputs(node))
        {
            bool fits = graph[source] is { IsStaticFloat: true, Constant: null, Shape.Rank: > 0 } && graph[source].Shape.Dimensions.AsSpan().SequenceEqual(shape.Dimensions.AsSpan());
            if (!fits)
                continue;
            if (PostOpsChain.TryTake(builder, new(source, (int)shape[shape.Rank - 1]), node, takesResidual: true) is not { } post)
                continue;
            Add(builder, node, source, builder.IsExactOnly ? post : PostOpsChain.Extend(builder, post, takesResidual: true));
            return true;
        }
        return node.DataInputs == 2 && BinaryLowering.TryAdd(node, builder);
    }

    private static void Add(PlanBuilder builder, AnalyzedNode node, TensorSource source, PostOps post)
    {
        PlanBuffer read = builder.Tensors.Read(source);
        PlanBuffer? residual = post.Residual is { } added ? builder.Tensors.Read(added) : null;
        long rows = builder.Graph[source].Shape.ElementCount / post.Channels;
        PlanBuffer target = builder.Tensors.Write(post.Output);
        target.Replaces = read;
        builder.Add(new AffineOperator(builder.Kernels.FloatVectors, read, residual, target, post, rows) { Node = node.Node });
    }
}
