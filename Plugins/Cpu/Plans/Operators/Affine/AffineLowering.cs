using TransformFramework.Cpu.Analysis;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Affine;

/// <summary>A chain of nodes that an epilogue can take in, without a product before it: y = clamp(x · scale + offset + residual).</summary>
[Lowering(
    "BiasAdd", "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3",
    "Relu", "Relu6", "Add", "AddV2",
    "Sub", "Mul", "Minimum", "Maximum")]
internal sealed class AffineLowering : ILowering
{
    public bool IsExact => false;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorShape shape = graph[new(node.Index, 0)].Shape;
        foreach (TensorSource source in graph.Inputs(node))
        {
            bool fits = graph[source] is { IsStaticFloat: true, Constant: null, Shape.Rank: > 0 } && graph[source].Shape.Dimensions.AsSpan().SequenceEqual(shape.Dimensions.AsSpan());
            if (!fits)
                continue;
            var epilogue = new Epilogue(source, (int)shape[shape.Rank - 1]);
            if (!EpilogueChain.TryTake(builder, epilogue, node, takesResidual: true))
                continue;
            EpilogueChain.Extend(builder, epilogue, takesResidual: true);
            Add(builder, node, source, epilogue);
            return true;
        }
        return false;
    }

    private static void Add(PlanBuilder builder, AnalyzedNode node, TensorSource source, Epilogue epilogue)
    {
        PlanBuffer read = builder.Tensors.Read(source);
        PlanBuffer? residual = epilogue.Residual is { } added ? builder.Tensors.Read(added) : null;
        long rows = builder.Graph[source].Shape.ElementCount / epilogue.Channels;
        PlanBuffer target = builder.Tensors.Write(epilogue.Output);
        target.Replaces = read;
        builder.Add(new AffineOperator(builder.Kernels.FloatVectors, read, residual, target, epilogue, rows) { Node = node.Node });
    }
}
