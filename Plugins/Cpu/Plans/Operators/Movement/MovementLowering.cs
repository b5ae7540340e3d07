using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Movement;

/// <summary>Ops that give elements of one tensor in another order, or some of them: strided copies in the arena, and no operator where the order stays.</summary>
[Lowering("Transpose", "ReverseV2", "StridedSlice", "Slice", "Split", "Unpack", "Gather", "GatherV2")]
internal sealed class MovementLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        int slot = node.Node.Op == "Split" ? 1 : 0;
        PlanTensor given = graph[graph.Input(node, slot)];
        bool fits = given is { IsStatic: true, Constant: null } && Enumerable.Range(0, graph.Inputs(node).Length).All(i => i == slot || graph[graph.Input(node, i)].Constant is not null);
        for (int port = 0; fits && port < node.OutputCount; port++)
            fits = graph[new(node.Index, port)] is { IsStatic: true } result && result.Type == given.Type;
        if (!fits || given.Type.Size() is not (1 or 2 or 4 or 8))
            return false;
        for (int port = 0; port < node.OutputCount; port++)
        {
            var output = new TensorSource(node.Index, port);
            if (!graph.IsWanted(output))
                continue;
            if (View(node, graph, given.Shape, port) is not { } view)
                return false;
            Add(node, builder, graph.Input(node, slot), output, view);
        }
        return true;
    }

    private static void Add(AnalyzedNode node, PlanBuilder builder, TensorSource source, TensorSource output, StridedView view)
    {
        StridedCopy copy = StridedCopy.Of(view.Source, Strided.Whole(TensorShape.Of(view.Dimensions)), view.Dimensions)!;
        if (copy.IsWhole && builder.Graph[source].Bytes == builder.Graph[output].Bytes)
        {
            builder.Tensors.Alias(output, source);
            return;
        }
        PlanBuffer read = builder.Tensors.Read(source);
        builder.Add(new StridedCopyOperator(copy, builder.Graph[source].Type.Size(), read, builder.Tensors.Write(output)) { Node = node.Node });
    }

    /// <summary>Which elements an output has, or null where the constants do not fit the op.</summary>
    private static StridedView? View(AnalyzedNode node, PlanGraph graph, TensorShape shape, int port)
    {
        int[] strides = Strided.RowMajor(shape.Dimensions.AsSpan());
        TensorShape result = graph[new(node.Index, port)].Shape;
        Tensor Constant(int slot) => graph[graph.Input(node, slot)].Constant!;
        switch (node.Node.Op)
        {
            case "Transpose":
                return new(new(0, [.. Integers.Read(Constant(1)).Select(axis => strides[axis])]), [.. result.Dimensions]);
            case "ReverseV2":
                return Constant(1).Shape.Rank == 1 && Integers.Read(Constant(1)) is var axes && axes.Distinct().Count() == axes.Length ? Reversed(axes, shape, strides) : null;
            case "StridedSlice":
                SliceSpec slice = SliceSpec.Of(node.Node, shape, Constant(1), Constant(2), Constant(3));
                return new(slice.In(shape), slice.Count);
            case "Slice":
                long[] begin = Integers.Read(Constant(1));
                return new(new(checked((int)begin.Select((first, i) => first * strides[i]).Sum()), strides), [.. result.Dimensions]);
            case "Gather" or "GatherV2":
                return Gathered(node, Constant(1), node.DataInputs > 2 ? Constant(2) : null, shape, strides);
            case "Split":
                int along = Integers.Axis(Integers.Scalar(Constant(0), "split_dim"), shape.Rank);
                return new(new(checked((int)(port * result[along] * strides[along])), strides), [.. result.Dimensions]);
            default:
                int axis = Integers.Axis(node.Node.Int("axis"), shape.Rank);
                return new(new(port * strides[axis], [.. strides.Where((_, i) => i != axis)]), [.. result.Dimensions]);
        }
    }

    /// <summary>The elements at one index of an axis.</summary>
    private static StridedView? Gathered(AnalyzedNode node, Tensor indices, Tensor? axisInput, TensorShape shape, int[] strides)
    {
        int axis = axisInput is null ? 0 : Integers.Axis(Integers.Scalar(axisInput, "axis"), shape.Rank);
        if (indices.Shape.Rank != 0 || (node.Node.Op == "GatherV2" && node.Node.Int("batch_dims") != 0) || Integers.Scalar(indices, "indices") is var index && (index < 0 || index >= shape[axis]))
            return null;
        return new(new(checked((int)(index * strides[axis])), [.. strides.Where((_, i) => i != axis)]), [.. shape.Dimensions.RemoveAt(axis)]);
    }

    private static StridedView Reversed(long[] axes, TensorShape shape, int[] strides)
    {
        int offset = 0;
        foreach (long axis in axes)
        {
            int at = Integers.Axis(axis, shape.Rank);
            offset += (int)(shape[at] - 1) * strides[at];
            strides[at] = -strides[at];
        }
        return new(new(offset, strides), [.. shape.Dimensions]);
    }

    /// <summary>Elements of a tensor in the order of a result.</summary>
    private readonly record struct StridedView(Strided Source, long[] Dimensions);
}
