using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>A chain of nodes that an epilogue can take in, without a product before it: y = clamp(x · scale + offset + residual).</summary>
internal sealed class PointwiseForm : IFastForm
{
    public bool TryLower(ProgramNode node, PlanBuilder builder)
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
            AffineStep.Lower(builder, node, source, epilogue);
            return true;
        }
        return false;
    }
}
