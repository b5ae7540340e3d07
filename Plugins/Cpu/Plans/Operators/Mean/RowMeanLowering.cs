using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Mean;

/// <summary>The mean of each row of floats: along the last axis. Denormals count, unlike in the reference kernel.</summary>
[Lowering("Mean", "Sum")]
internal sealed class RowMeanLowering : ILowering
{
    public bool IsExact => false;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        PlanTensor rows = graph[source];
        bool fits = rows is { IsStaticFloat: true, Constant: null, Shape.Rank: > 0 } && graph[output].IsStaticFloat
            && graph[graph.Input(node, 1)].Constant is { ElementCount: 1, Type: DataType.Int32 or DataType.Int64 } axis && Integers.Axis(Integers.Read(axis)[0], rows.Shape.Rank) == rows.Shape.Rank - 1;
        if (!fits)
            return false;
        PlanBuffer read = builder.Tensors.Read(source);
        int columns = (int)rows.Shape[rows.Shape.Rank - 1];
        builder.Add(new RowMeanOperator(read, builder.Tensors.Write(output), (int)(rows.Shape.ElementCount / columns), columns, node.Node.Op == "Mean" ? columns : 1) { Node = node.Node });
        return true;
    }
}
