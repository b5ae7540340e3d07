using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Shifts along axes; what falls off the end comes in at the beginning.</summary>
[Kernel("Roll")]
internal sealed class Roll : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        if (input.Shape.Rank < 1)
            throw Refuse.Invalid("input must be 1-D or higher");
        if (call.Inputs[1].Shape.Rank > 1)
            throw Refuse.Invalid($"shift must be a scalar or a 1-D vector. Found: {call.Inputs[1].Shape}");
        if (call.Inputs[2].Shape.Rank > 1)
            throw Refuse.Invalid($"axis must be a scalar or a 1-D vector. Found: {call.Inputs[2].Shape}");
        if (!call.Inputs[1].Shape.Equals(call.Inputs[2].Shape))
            throw Refuse.Invalid("shift and axis must have the same size");
        long[] shifts = Integers.Read(call.Inputs[1]);
        long[] axes = Integers.Read(call.Inputs[2]);
        for (int i = 0; i < axes.Length; i++)
            input = Shift(input, Integers.Axis(axes[i], input.Shape.Rank), shifts[i]);
        return [input];
    }

    private static Tensor Shift(Tensor input, int axis, long shift)
    {
        int size = (int)input.Shape[axis];
        if (size == 0)
            return input;
        int[] picks = new int[size];
        for (int i = 0; i < size; i++)
            picks[i] = (int)((((i - shift) % size) + size) % size);
        return AxisPick.Along(input, axis, picks);
    }
}
