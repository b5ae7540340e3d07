using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>For each feature, the number of the first boundary that is not below a value; the last boundary's for larger values.</summary>
[Kernel("BoostedTreesBucketize")]
internal sealed class BoostedTreesBucketize : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [.. node.Shapes.Take(node.Shapes.Count / 2)];

    public Tensor[] Compute(KernelCall call)
    {
        int features = call.Inputs.Count / 2;
        var results = new Tensor[features];
        for (int feature = 0; feature < features; feature++)
        {
            Tensor values = call.Inputs[feature];
            ReadOnlySpan<float> boundaries = call.Inputs[features + feature].AsSpan<float>();
            Tensor buckets = Tensor.Allocate<int>(DataType.Int32, values.Shape, out var numbers);
            for (int i = 0; i < numbers.Length; i++)
                numbers[i] = Math.Max(0, Math.Min(FirstNotBelow(boundaries, values.AsSpan<float>()[i]), boundaries.Length - 1));
            results[feature] = buckets;
        }
        return results;
    }

    private static int FirstNotBelow(ReadOnlySpan<float> boundaries, float value)
    {
        int low = 0;
        int high = boundaries.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (boundaries[middle] < value)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
