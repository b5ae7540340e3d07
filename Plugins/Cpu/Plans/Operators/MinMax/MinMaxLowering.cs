using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.MinMax;

/// <summary>Min and Max over all of a float tensor.</summary>
[Lowering("Min", "Max")]
internal sealed class MinMaxLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        bool fits = graph[source] is { IsStaticFloat: true, Constant: null } given && graph[output] is { IsStaticFloat: true, Shape.ElementCount: 1 } && CoversAll(graph, node, given.Shape.Rank);
        if (!fits)
            return false;
        PlanBuffer read = builder.Tensors.Read(source);
        builder.Add(new MinMaxOperator(builder.Kernels.FloatVectors, read, (nint)graph[source].Shape.ElementCount, builder.Tensors.Write(output), takesLeast: node.Node.Op == "Min") { Node = node.Node });
        return true;
    }

    /// <summary>True when no axis is left out, so that a tensor of more than one element is gathered whole.</summary>
    private static bool CoversAll(PlanGraph graph, AnalyzedNode node, int rank) =>
        graph[graph.Input(node, 1)].Constant is { Type: DataType.Int32 or DataType.Int64 } axes && Integers.Read(axes).Select(axis => Integers.Axis(axis, rank)).Distinct().Count() == rank;
}
