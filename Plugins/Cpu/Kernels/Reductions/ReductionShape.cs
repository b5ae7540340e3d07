using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Reductions;

/// <summary>How a tensor is reduced along some axes: each element of the result gathers those at the same place of the other axes.</summary>
internal sealed class ReductionShape
{
    private readonly TensorShape input;
    private readonly bool[] isReduced;

    private ReductionShape(TensorShape input, bool[] isReduced, bool keepsDimensions)
    {
        this.input = input;
        this.isReduced = isReduced;
        Result = keepsDimensions ? Tensors.Map(input, (dimension, axis) => isReduced[axis] ? 1 : dimension) : Tensors.Keep(input, axis => !isReduced[axis]);
        Count = Tensors.Product(Tensors.Keep(input, axis => isReduced[axis]).Dimensions.AsSpan());
    }

    /// <summary>Shape of the result.</summary>
    public TensorShape Result { get; }

    /// <summary>How many elements each element of the result gathers.</summary>
    public long Count { get; }

    /// <summary>True when what belongs to one element of the result is side by side in the input.</summary>
    public bool IsInnermost
    {
        get
        {
            int first = Enumerable.Range(0, isReduced.Length).FirstOrDefault(axis => isReduced[axis] && input[axis] != 1, -1);
            return first >= 0 && !Enumerable.Range(first, isReduced.Length - first).Any(axis => !isReduced[axis] && input[axis] != 1);
        }
    }

    /// <summary>The reduction along the axes that a tensor lists; negative ones count from the back.</summary>
    public static ReductionShape Of(TensorShape input, Tensor axes, bool keepsDimensions)
    {
        if (axes.Shape.Rank > 1)
            throw Refuse.Invalid($"axes must be a scalar or a vector, not of shape {axes.Shape}");
        bool[] along = new bool[input.Rank];
        foreach (long axis in Integers.Read(axes))
        {
            if (axis < -input.Rank || axis >= input.Rank)
                throw Refuse.Invalid($"Invalid reduction dimension ({axis} for input with {input.Rank} dimension(s)");
            int index = (int)(axis < 0 ? axis + input.Rank : axis);
            along[index] = true;
        }
        return new(input, along, keepsDimensions);
    }

    /// <summary>For each element of the input, in order, the place in the result that it belongs to.</summary>
    public int[] Targets()
    {
        int[] targets = new int[checked((int)input.ElementCount)];
        int[] strides = new int[input.Rank];
        int stride = 1;
        for (int axis = input.Rank - 1; axis >= 0; axis--)
        {
            strides[axis] = isReduced[axis] ? 0 : stride;
            stride *= isReduced[axis] ? 1 : (int)input[axis];
        }
        int[] index = new int[input.Rank];
        int target = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            targets[i] = target;
            for (int axis = input.Rank - 1; axis >= 0; axis--)
            {
                target += strides[axis];
                if (++index[axis] < input[axis])
                    break;
                target -= strides[axis] * (int)input[axis];
                index[axis] = 0;
            }
        }
        return targets;
    }
}
