using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Concat;

/// <summary>Tensors of one type joined along a constant axis, or one that is put in for it.</summary>
[Lowering("ConcatV2", "Concat", "Pack")]
internal sealed class ConcatLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        var output = new TensorSource(node.Index, 0);
        int axisSlot = node.Node.Op switch { "Pack" => -1, "Concat" => 0, _ => node.DataInputs - 1 };
        TensorSource[] values = [.. graph.Inputs(node).ToArray().Where((_, slot) => slot != axisSlot)];
        PlanTensor result = graph[output];
        bool fits = result.IsStatic && values.All(value => graph[value].IsStatic && graph[value].Type == result.Type) && (axisSlot < 0 || graph[graph.Input(node, axisSlot)].Constant is not null);
        if (!fits)
            return false;
        long given = axisSlot < 0 ? node.Node.Int("axis") : Integers.Scalar(graph[graph.Input(node, axisSlot)].Constant!, "axis");
        int axis = Integers.Axis(given, result.Shape.Rank);
        ImmutableArray<PlanBuffer> sources = [.. values.Select(builder.Tensors.Read)];
        ImmutableArray<int> runs = [.. values.Select(value => checked(RunElements(graph[value].Shape, axis) * result.Type.Size()))];
        builder.Add(new ConcatOperator(sources, runs, builder.Tensors.Write(output), (int)(result.Bytes / runs.Sum())) { Node = node.Node });
        return true;
    }

    /// <summary>Elements of a tensor that are side by side in the result.</summary>
    public static int RunElements(TensorShape shape, int axis)
    {
        int elements = 1;
        for (int i = axis; i < shape.Rank; i++)
            elements = checked(elements * (int)shape[i]);
        return elements;
    }
}
