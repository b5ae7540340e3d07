using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>
/// A slice in Python's sense, resolved against a shape: where it begins, how far it steps in each dimension, and the shapes before and after
/// single indices drop their dimension and <c>newaxis</c> puts one in.
/// </summary>
internal sealed class SliceSpec
{
    private SliceSpec(long[] begin, long[] stride, long[] count, TensorShape target)
    {
        Begin = begin;
        Stride = stride;
        Count = count;
        Target = target;
    }

    public long[] Begin { get; }

    public long[] Stride { get; }

    /// <summary>Elements taken of each dimension of the input.</summary>
    public long[] Count { get; }

    /// <summary>Shape of the result.</summary>
    public TensorShape Target { get; }

    /// <summary>Resolves the inputs and masks of a strided slice.</summary>
    public static SliceSpec Of(Node node, TensorShape input, Tensor beginInput, Tensor endInput, Tensor strideInput)
    {
        if (beginInput.Shape.Rank != 1 || !endInput.Shape.Equals(beginInput.Shape) || !strideInput.Shape.Equals(beginInput.Shape))
        {
            throw Refuse.Invalid("Expected begin, end, and strides to be 1D equal size tensors, but got shapes "
                + $"{beginInput.Shape}, {endInput.Shape}, and {strideInput.Shape} instead.");
        }
        long[] begin = Integers.Read(beginInput);
        long[] end = Integers.Read(endInput);
        long[] stride = Integers.Read(strideInput);
        var masks = Masks.Of(node);
        int ellipsis = Ellipsis(masks, begin.Length);
        int newAxes = Enumerable.Range(0, begin.Length).Count(i => masks.IsNewAxis(i));
        int listed = begin.Length - newAxes - (ellipsis < begin.Length ? 1 : 0);
        var slice = new SliceSpec(new long[input.Rank], new long[input.Rank], new long[input.Rank], TensorShape.Unknown);
        var target = new List<long>();
        int axis = 0;
        for (int i = 0; i <= begin.Length; i++)
        {
            if (i == ellipsis)
            {
                for (int rest = input.Rank - listed; rest > 0; rest--, axis++)
                    target.Add(slice.TakeAll(axis, input[axis]));
            }
            else if (i < begin.Length && masks.IsNewAxis(i))
            {
                target.Add(1);
            }
            else if (i < begin.Length)
            {
                if (axis >= input.Rank)
                    throw Refuse.Invalid($"Index out of range using input dim {axis}; input has only {input.Rank} dims");
                long count = slice.Resolve(axis, input[axis], begin[i], end[i], stride[i], masks.At(i));
                if (!masks.IsShrink(i))
                    target.Add(count);
                axis++;
            }
        }
        return new(slice.Begin, slice.Stride, slice.Count, TensorShape.Of(target.ToArray()));
    }

    /// <summary>Places of the slice in a row-major tensor of the input's shape.</summary>
    public Strided In(TensorShape input)
    {
        int[] strides = Strided.RowMajor(input.Dimensions.AsSpan());
        long offset = 0;
        for (int i = 0; i < strides.Length; i++)
        {
            offset += Begin[i] * strides[i];
            strides[i] *= (int)Math.Clamp(Stride[i], -int.MaxValue, int.MaxValue);
        }
        return new((int)offset, strides);
    }

    /// <summary>Place of the ellipsis, one past the end when there is none written.</summary>
    private static int Ellipsis(Masks masks, int length)
    {
        int found = length;
        for (int i = 0; i < length; i++)
        {
            if (!masks.IsEllipsis(i))
                continue;
            if (found < length)
                throw Refuse.Invalid("Multiple ellipses in slice spec not allowed");
            found = i;
        }
        return found;
    }

    private long TakeAll(int axis, long size)
    {
        Stride[axis] = 1;
        return Count[axis] = size;
    }

    private long Resolve(int axis, long size, long begin, long end, long stride, (bool FromStart, bool ToEnd, bool Shrink) mask)
    {
        if (stride == 0)
            throw Refuse.Invalid($"strides[{axis}] must be non-zero");
        if (mask.Shrink)
        {
            if (stride <= 0)
                throw Refuse.Invalid("only stride 1 allowed on non-range indexing.");
            long index = begin < 0 ? begin + size : begin;
            if (index < 0 || index >= size)
                throw Refuse.Invalid($"slice index {begin} of dimension {axis} out of bounds.");
            Begin[axis] = index;
            Stride[axis] = 1;
            return Count[axis] = 1;
        }
        long lowest = stride > 0 ? 0 : -1;
        long highest = stride > 0 ? size : size - 1;
        long first = mask.FromStart ? (stride > 0 ? lowest : highest) : Math.Clamp(begin < 0 ? begin + size : begin, lowest, highest);
        long last = mask.ToEnd ? (stride > 0 ? highest : lowest) : Math.Clamp(end < 0 ? end + size : end, lowest, highest);
        long distance = last - first;
        Begin[axis] = first;
        Stride[axis] = stride;
        return Count[axis] = distance == 0 || (distance < 0) != (stride < 0) ? 0 : (distance / stride) + (distance % stride != 0 ? 1 : 0);
    }

    private readonly record struct Masks(long Begin, long End, long EllipsisBits, long NewAxis, long Shrink)
    {
        public static Masks Of(Node node) =>
            new(node.Long("begin_mask"), node.Long("end_mask"), node.Long("ellipsis_mask"), node.Long("new_axis_mask"), node.Long("shrink_axis_mask"));

        public bool IsEllipsis(int i) => Bit(EllipsisBits, i);

        public bool IsNewAxis(int i) => Bit(NewAxis, i) && !IsEllipsis(i);

        public bool IsShrink(int i) => Bit(Shrink, i);

        public (bool FromStart, bool ToEnd, bool Shrink) At(int i) => (Bit(Begin, i), Bit(End, i), Bit(Shrink, i));

        private static bool Bit(long mask, int i) => i < 64 && ((mask >> i) & 1) != 0;
    }
}
