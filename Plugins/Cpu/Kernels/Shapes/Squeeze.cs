using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Shapes;

/// <summary>Drops dimensions of size 1: those listed, or all.</summary>
[Kernel("Squeeze")]
internal sealed class Squeeze : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => Tensors.Infer(node, () => Target(node.Node, node.Shapes[0]));

    public Tensor[] Compute(KernelCall call) => [Tensors.Reshape(call.Inputs[0], Target(call.Node, call.Inputs[0].Shape))];

    private static TensorShape Target(Node node, TensorShape input)
    {
        long[] listed = node.Attributes.ContainsKey("squeeze_dims") ? node.Longs("squeeze_dims") : [];
        var dropped = new HashSet<long>();
        foreach (long axis in listed)
        {
            if (axis < -input.Rank || axis >= input.Rank)
                throw Refuse.Invalid($"Tried to squeeze dim index {axis} for tensor with {input.Rank} dimensions.");
            dropped.Add(axis < 0 ? axis + input.Rank : axis);
        }
        foreach (long axis in dropped)
        {
            if (input[(int)axis] != 1)
                throw Refuse.Invalid($"Can not squeeze dim[{axis}], expected a dimension of 1, got {input[(int)axis]}");
        }
        return Tensors.Keep(input, axis => dropped.Count > 0 ? !dropped.Contains(axis) : input[axis] != 1);
    }
}
