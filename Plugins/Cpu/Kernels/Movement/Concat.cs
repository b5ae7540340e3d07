using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Joins tensors along an existing axis; Concat has the axis first, ConcatV2 last.</summary>
[Kernel("Concat", "ConcatV2")]
internal sealed class Concat : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        int place = AxisPlace(node.Node, node.Shapes.Count);
        TensorShape[] values = [.. node.Shapes.Where((_, i) => i != place)];
        return node.Constants[place] is { } axis && values.All(shape => shape.IsFullyKnown) ? [Target(values, axis).Shape] : [TensorShape.Unknown];
    }

    public Tensor[] Compute(KernelCall call)
    {
        int place = AxisPlace(call.Node, call.Inputs.Count);
        Tensor[] values = [.. call.Inputs.Where((_, i) => i != place)];
        var (shape, axis) = Target([.. values.Select(value => value.Shape)], call.Inputs[place]);
        return [Join(values, shape, axis)];
    }

    /// <summary>Joins tensors whose shapes have been checked.</summary>
    public static Tensor Join(IReadOnlyList<Tensor> values, TensorShape shape, int axis)
    {
        TensorBuilder result = TensorBuilder.Of(values[0].Type, shape);
        int outer = (int)Tensors.Product(shape.Dimensions.AsSpan()[..axis]);
        int row = (int)Tensors.Product(shape.Dimensions.AsSpan()[axis..]);
        int start = 0;
        foreach (Tensor value in values)
        {
            int run = (int)Tensors.Product(value.Shape.Dimensions.AsSpan()[axis..]);
            for (int i = 0; i < outer && run > 0; i++)
                result.Copy(value, i * run, (i * row) + start, run);
            start += run;
        }
        return result.Build();
    }

    private static int AxisPlace(Node node, int inputs) => node.Op == "Concat" ? 0 : inputs - 1;

    /// <summary>The joined shape and the axis counted from the front, checked.</summary>
    public static (TensorShape Shape, int Axis) Target(TensorShape[] values, Tensor axisInput)
    {
        long given = Integers.Scalar(axisInput, "Concat dim tensor");
        TensorShape first = values[0];
        long axis = given < 0 ? given + first.Rank : given;
        if (axis < 0 || axis >= first.Rank)
            throw Refuse.Invalid($"ConcatOp : Expected concatenating dimensions in the range [{-first.Rank}, {first.Rank}), but got {given}");
        long total = 0;
        for (int i = 0; i < values.Length; i++)
        {
            TensorShape value = values[i];
            if (value.Rank != first.Rank)
                throw Refuse.Invalid($"ConcatOp : Ranks of all input tensors should match: shape[0] = {first} vs. shape[{i}] = {value}");
            if (value.Dimensions.Where((dimension, j) => j != axis && dimension != first[j]).Any())
                throw Refuse.Invalid($"ConcatOp : Dimensions of inputs should match: shape[0] = {first} vs. shape[{i}] = {value}");
            total += value[(int)axis];
        }
        return (TensorShape.Of(first.Dimensions.SetItem((int)axis, total)), (int)axis);
    }
}
