using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Joins tensors of one shape along a dimension put in for it.</summary>
[Kernel("Pack")]
internal sealed class Pack : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => Tensors.Infer(node, () => Target(node.Node, node.Shapes).Shape);

    public Tensor[] Compute(KernelCall call)
    {
        var (shape, axis) = Target(call.Node, [.. call.Inputs.Select(input => input.Shape)]);
        TensorShape slice = TensorShape.Of(call.Inputs[0].Shape.Dimensions.Insert(axis, 1));
        return [Concat.Join([.. call.Inputs.Select(input => Tensors.Reshape(input, slice))], shape, axis)];
    }

    private static (TensorShape Shape, int Axis) Target(Node node, IReadOnlyList<TensorShape> values)
    {
        int rank = values[0].Rank + 1;
        int given = node.Int("axis");
        int axis = given < 0 ? given + rank : given;
        if (axis < 0 || axis >= rank)
            throw Refuse.Invalid($"axis = {given} not in [{-rank}, {rank})");
        for (int i = 1; i < values.Count; i++)
        {
            if (!values[i].Equals(values[0]))
                throw Refuse.Invalid($"Shapes of all inputs must match: values[0].shape = {values[0]} != values[{i}].shape = {values[i]}");
        }
        return (TensorShape.Of(values[0].Dimensions.Insert(axis, values.Count)), axis);
    }
}

/// <summary>Splits along a dimension, which goes.</summary>
[Kernel("Unpack")]
internal sealed class Unpack : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        int count = node.Node.Int("num");
        if (!node.Shapes[0].IsFullyKnown)
            return [.. Enumerable.Repeat(TensorShape.Unknown, count)];
        int axis = Axis(node.Node, node.Shapes[0]);
        CheckCount(node.Shapes[0], axis, count);
        return [.. Enumerable.Repeat(node.Shapes[0].WithoutAxis(axis), count)];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        int axis = Axis(call.Node, input.Shape);
        TensorShape shape = input.Shape.WithoutAxis(axis);
        int count = call.Node.Int("num");
        CheckCount(input.Shape, axis, count);
        int[] strides = Strided.RowMajor(input.Shape.Dimensions.AsSpan());
        int[] kept = [.. strides.Where((_, i) => i != axis)];
        return [.. Enumerable.Range(0, count).Select(i => Tensors.Take(input, new(i * strides[axis], kept), shape.Dimensions.AsSpan(), shape))];
    }

    private static void CheckCount(TensorShape input, int axis, int count)
    {
        if (input[axis] != count)
            throw Refuse.Invalid($"Input shape axis {axis} must equal {count}, got shape {input}");
    }

    private static int Axis(Node node, TensorShape input)
    {
        int given = node.Int("axis");
        int axis = given < 0 ? given + input.Rank : given;
        return axis >= 0 && axis < input.Rank ? axis : throw Refuse.Invalid($"axis = {given} not in [{-input.Rank}, {input.Rank})");
    }
}

internal static class ShapeEdits
{
    public static TensorShape WithoutAxis(this TensorShape shape, int axis) => TensorShape.Of(shape.Dimensions.RemoveAt(axis));
}
