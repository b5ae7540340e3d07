using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Conversions;

/// <summary>A tensor cut into slices along one axis, each with a range of its own; axis −1 leaves it whole.</summary>
/// <param name="Outer">Elements before the axis.</param>
/// <param name="Count">Slices.</param>
/// <param name="Inner">Elements after the axis: how many of one slice are side by side.</param>
internal readonly record struct AxisSlices(int Outer, int Count, int Inner)
{
    /// <summary>Where each run of elements of one slice starts.</summary>
    public IEnumerable<(int Slice, int Start)> Runs
    {
        get
        {
            for (int i = 0; i < Outer * Count; i++)
                yield return (i % Count, i * Inner);
        }
    }

    public static AxisSlices Of(TensorShape shape, int axis)
    {
        if (axis < -1 || axis >= shape.Rank)
            throw Refuse.Invalid($"axis {axis} must be -1 or less than the rank of the input, {shape}");
        if (axis == -1)
            return new(1, 1, checked((int)shape.ElementCount));
        var dimensions = shape.Dimensions.AsSpan();
        return new(Product(dimensions[..axis]), (int)shape[axis], Product(dimensions[(axis + 1)..]));
    }

    /// <summary>One range a slice out of two inputs; with axis −1 their first elements.</summary>
    public QuantizationRange[] Ranges(IReadOnlyList<Tensor> inputs, int at, int axis)
    {
        if (axis == -1)
            return [QuantizationRange.Read(inputs, at)];
        for (int i = at; i <= at + 1; i++)
        {
            if (inputs[i].Shape.Rank != 1 || inputs[i].ElementCount != Count)
                throw Refuse.Invalid($"input {i} must be a vector of {Count} elements, one for each slice along axis {axis}, but has shape {inputs[i].Shape}");
        }
        Tensor mins = inputs[at];
        Tensor maxes = inputs[at + 1];
        return [.. Enumerable.Range(0, Count).Select(i => new QuantizationRange(mins.AsSpan<float>()[i], maxes.AsSpan<float>()[i]))];
    }

    private static int Product(ReadOnlySpan<long> dimensions)
    {
        int product = 1;
        foreach (long dimension in dimensions)
            product = checked(product * (int)dimension);
        return product;
    }
}
