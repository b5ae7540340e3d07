using System.Runtime.InteropServices;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>The different elements (V2: slices along an axis) in the order in which they first appear, which of them each element is, and how often each appears.</summary>
[Kernel("Unique", "UniqueV2", "UniqueWithCounts", "UniqueWithCountsV2")]
internal sealed class Unique : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        node.Node.Op.StartsWith("UniqueWithCounts", StringComparison.Ordinal) ? [TensorShape.Unknown, TensorShape.Of(-1), TensorShape.Of(-1)] : [TensorShape.Unknown, TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        int axis = Axis(call, input.Shape);
        DataType type = call.Node.Type("out_idx");
        var seen = new Dictionary<SliceKey, int>();
        var first = new List<int>();
        var counts = new List<long>();
        long[] numbers = new long[input.Shape[axis]];
        for (int i = 0; i < numbers.Length; i++)
        {
            ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(seen, SliceKey.Of(input, axis, i), out bool known);
            if (!known)
            {
                number = first.Count;
                first.Add(i);
                counts.Add(0);
            }
            numbers[i] = number;
            counts[number]++;
        }
        Tensor values = AxisPick.Along(input, axis, CollectionsMarshal.AsSpan(first));
        Tensor index = Integers.Write(type, TensorShape.Of(numbers.Length), numbers);
        return call.Node.Op.StartsWith("UniqueWithCounts", StringComparison.Ordinal)
            ? [values, index, Integers.Write(type, TensorShape.Of(counts.Count), CollectionsMarshal.AsSpan(counts))]
            : [values, index];
    }

    private static int Axis(KernelCall call, TensorShape input)
    {
        long[] axes = call.Inputs.Count > 1 ? Integers.Read(call.Inputs[1]) : [];
        if (axes.Length > 1 || (call.Inputs.Count > 1 && call.Inputs[1].Shape.Rank != 1))
            throw Refuse.Invalid("axis expects a 1D vector of no more than one element.");
        if (axes.Length == 0)
            return input.Rank == 1 ? 0 : throw Refuse.Invalid("unique expects a 1D vector.");
        long axis = axes[0] < 0 ? axes[0] + input.Rank : axes[0];
        return axis >= 0 && axis < input.Rank ? (int)axis : throw Refuse.Invalid($"axis has to be between [0, {input.Rank})");
    }
}
