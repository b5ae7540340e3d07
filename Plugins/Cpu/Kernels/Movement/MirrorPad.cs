using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Puts the input's mirror image around it; REFLECT leaves the border element out, SYMMETRIC repeats it.</summary>
[Kernel("MirrorPad")]
internal sealed class MirrorPad : IKernel
{
    private const int HighestRank = 5;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [Paddings.Infer(node, HighestRank)];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        var (before, after) = Paddings.Of(input.Shape, call.Inputs[1], HighestRank);
        int border = call.Node.Text("mode") == "REFLECT" ? 1 : 0;
        for (int axis = 0; axis < before.Length; axis++)
        {
            long size = input.Shape[axis];
            if (before[axis] > size - border || after[axis] > size - border)
            {
                string bound = border == 1 ? "less than" : "no greater than";
                throw Refuse.Invalid($"paddings must be {bound} the dimension size: {before[axis]}, {after[axis]} {bound} {size}");
            }
        }
        for (int axis = 0; axis < before.Length; axis++)
        {
            if (before[axis] + after[axis] > 0)
                input = AxisPick.Along(input, axis, Mirror((int)before[axis], (int)input.Shape[axis], (int)after[axis], border));
        }
        return [input];
    }

    private static int[] Mirror(int before, int size, int after, int border)
    {
        int[] picks = new int[before + size + after];
        for (int i = 0; i < picks.Length; i++)
        {
            int at = i - before;
            picks[i] = at < 0 ? -at - 1 + border : at < size ? at : (2 * size) - 1 - border - at;
        }
        return picks;
    }
}
