using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>A dimension put in that is on at the index and off elsewhere; indices outside are off everywhere.</summary>
[Kernel("OneHot")]
internal sealed class OneHot : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        node.Shapes[0].IsFullyKnown && node.Constants[1] is { } depth ? [Target(node.Node, node.Shapes[0], depth).Shape] : [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor indices = call.Inputs[0];
        var (shape, axis) = Target(call.Node, indices.Shape, call.Inputs[1]);
        Tensor on = Scalar(call.Inputs[2], "on_value");
        Tensor off = Scalar(call.Inputs[3], "off_value");
        long[] picks = indices.Type == DataType.UInt8 ? [.. indices.AsSpan<byte>().ToArray().Select(value => (long)value)] : Integers.Read(indices);
        TensorBuilder result = TensorBuilder.Of(on.Type, shape);
        result.Fill(off);
        long depth = shape[axis];
        long inner = Tensors.Product(shape.Dimensions.AsSpan()[(axis + 1)..]);
        for (long i = 0; i < picks.Length; i++)
        {
            if (picks[i] >= 0 && picks[i] < depth)
                result.Copy(on, 0, (int)((((i / inner * depth) + picks[i]) * inner) + (i % inner)), 1);
        }
        return [result.Build()];
    }

    private static Tensor Scalar(Tensor value, string name) =>
        value.Shape.Rank == 0 ? value : throw Refuse.Invalid($"{name} must be a scalar, but got: {value.Shape}");

    private static (TensorShape Shape, int Axis) Target(Node node, TensorShape indices, Tensor depthInput)
    {
        int axis = node.Int("axis");
        if (axis < -1 || axis > indices.Rank)
            throw Refuse.Invalid($"Expected axis to be -1 or between [0, {indices.Rank + 1}).  But received: {axis}");
        if (depthInput.Shape.Rank != 0)
            throw Refuse.Invalid($"depth must be a scalar, but got: {depthInput.Shape}");
        long depth = Integers.Scalar(depthInput, "depth");
        if (depth < 0)
            throw Refuse.Invalid($"depth must be non-negative, got: {depth}");
        int at = axis < 0 ? indices.Rank : axis;
        return (TensorShape.Of(indices.Dimensions.Insert(at, depth)), at);
    }
}
