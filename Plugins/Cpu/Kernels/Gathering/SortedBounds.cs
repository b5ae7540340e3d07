using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>Places in sorted rows [batch, n] where values [batch, m] would go: before equal ones (LowerBound) or after them (UpperBound).</summary>
[Kernel("LowerBound", "UpperBound")]
internal sealed class SortedBounds : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[1]];

    public Tensor[] Compute(KernelCall call)
    {
        TensorShape rows = call.Inputs[0].Shape;
        TensorShape wanted = call.Inputs[1].Shape;
        if (rows.Rank != 2 || wanted.Rank != 2 || rows[0] != wanted[0])
            throw Refuse.Invalid($"Leading dim_size of both tensors must match: sorted_inputs {rows}, values {wanted}");
        double[] sorted = RealValues.ToDoubles(call.Inputs[0]);
        double[] values = RealValues.ToDoubles(call.Inputs[1]);
        bool isUpper = call.Node.Op == "UpperBound";
        long[] places = new long[values.Length];
        for (int i = 0; i < places.Length; i++)
        {
            int row = i / (int)wanted[1];
            places[i] = Place(sorted.AsSpan(row * (int)rows[1], (int)rows[1]), values[i], isUpper);
        }
        return [Integers.Write(call.Node.Type("out_type"), wanted, places)];
    }

    /// <summary>How many of some sorted numbers are less than a value, or not greater.</summary>
    public static int Place(ReadOnlySpan<double> sorted, double value, bool isUpper)
    {
        int low = 0;
        int high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            bool isBefore = isUpper ? !(value < sorted[middle]) : sorted[middle] < value;
            (low, high) = isBefore ? (middle + 1, high) : (low, middle);
        }
        return low;
    }
}

/// <summary>The number of the bucket between boundaries that each value is in; a boundary belongs to the bucket above it.</summary>
[Kernel("Bucketize")]
internal sealed class Bucketize : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        double[] boundaries = [.. call.Node.Floats("boundaries").Select(boundary => (double)boundary)];
        if (boundaries.Zip(boundaries.Skip(1)).Any(pair => pair.Second < pair.First))
            throw Refuse.Invalid("Expected sorted boundaries");
        int[] buckets = [.. RealValues.ToDoubles(call.Inputs[0]).Select(value => SortedBounds.Place(boundaries, value, isUpper: true))];
        return [Tensor.Create<int>(DataType.Int32, call.Inputs[0].Shape, buckets)];
    }
}
