using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;

namespace TransformFramework.Cpu.Plans.Operators.RowChain;

/// <summary>
/// Nodes one behind the other that compute each row by itself, such as a layer normalization or an activation made of several nodes: one operator that goes through the rows once. Rounding is that of
/// the nodes, but that all elements are computed as those of whole packets are.
/// </summary>
[Fusion("Mean", "Sum", "Sub", "Mul", "Add", "AddV2", "RealDiv", "SquaredDifference", "Square", "Sqrt", "Rsqrt", "Erf", "Tanh", "Sigmoid", "Exp")]
internal sealed class RowChainFusion : ILowering
{
    private const int FewestNodes = 3;
    private const int MostNodes = 24;

    /// <summary>How far behind a node those that belong to it are looked for.</summary>
    private const int Reach = 128;

    private const int BlockFloats = 2 << 10;

    public bool IsExact => false;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        if (SizeOf(graph, node) is not { } size)
            return false;
        var compiler = new RowChainCompiler(builder, size.Rows, size.Columns, BlockRows(size.Rows, size.Columns));
        var members = new List<AnalyzedNode>();
        foreach (AnalyzedNode next in Following(builder, node))
        {
            if (members.Count < MostNodes && compiler.TryTranslate(next))
                members.Add(next);
            else if (next == node)
                return false;
        }
        if (members.Count < FewestNodes)
            return false;
        HashSet<int> inside = [.. members.Select(member => member.Index)];
        TensorSource[] outputs = [.. members.Select(member => new TensorSource(member.Index, 0)).Where(source => graph.IsOutput(source) || graph.Producer(source).Edges.Any(edge => !inside.Contains(edge.Consumer)))];
        if (outputs.Length == 0)
            return false;
        members.ForEach(builder.Absorb);
        builder.Add(compiler.Build(outputs, [.. outputs.Select(builder.Tensors.Write)], node.Node));
        return true;
    }

    /// <summary>A node, and those that are reached from it, in the order of the plan.</summary>
    private static IEnumerable<AnalyzedNode> Following(PlanBuilder builder, AnalyzedNode node)
    {
        var reached = new HashSet<int> { node.Index };
        int first = builder.Graph.PositionOf(node);
        for (int i = first; i < Math.Min(first + Reach, builder.Graph.Order.Length); i++)
        {
            AnalyzedNode next = builder.Graph.Order[i];
            if (!reached.Contains(next.Index))
                continue;
            foreach (AnalyzedEdge edge in next.Edges)
            {
                if (!edge.IsControl)
                    reached.Add(edge.Consumer);
            }
            if (!builder.IsAbsorbed(next))
                yield return next;
        }
    }

    private static (long Rows, int Columns)? SizeOf(PlanGraph graph, AnalyzedNode node)
    {
        PlanTensor tensor = graph[graph.Inputs(node).Length > 0 && node.Node.Op is "Mean" or "Sum" ? graph.Input(node, 0) : new TensorSource(node.Index, 0)];
        if (!tensor.IsStaticFloat || tensor.Shape.Rank < 2 || tensor.Constant is not null)
            return null;
        long columns = tensor.Shape[tensor.Shape.Rank - 1];
        return columns is > 1 and <= 1 << 20 && tensor.Shape.ElementCount / columns is var rows && rows <= int.MaxValue ? (rows, (int)columns) : null;
    }

    /// <summary>Rows of a block: a divisor of all of them that keeps intermediate results in the cache.</summary>
    private static int BlockRows(long rows, int columns)
    {
        long most = Math.Clamp(BlockFloats / columns, 1, rows);
        while (rows % most != 0)
            most--;
        return (int)most;
    }
}
