using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Reductions;

/// <summary>How often, or with which sum of weights, each number from 0 to size - 1 occurs; larger ones are left out.</summary>
[Kernel("Bincount")]
internal sealed class Bincount : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Constants[1] is { } size ? TensorShape.Of(Integers.Scalar(size, "size")) : TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        long size = Integers.Scalar(call.Inputs[1], "size");
        if (size < 0)
            throw Refuse.Invalid($"size ({size}) must be non-negative");
        long[] numbers = Integers.Read(call.Inputs[0]);
        double[] weights = call.Inputs[2].ElementCount == 0 ? [] : RealValues.ToDoubles(call.Inputs[2]);
        if (weights.Length != 0 && !call.Inputs[2].Shape.Equals(call.Inputs[0].Shape))
            throw Refuse.Invalid($"If weights are passed, they must have the same shape ({call.Inputs[2].Shape}) as arr ({call.Inputs[0].Shape})");
        double[] bins = new double[checked((int)size)];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (numbers[i] < 0)
                throw Refuse.Invalid("Input arr must be non-negative!");
            if (numbers[i] < size)
                bins[numbers[i]] += weights.Length == 0 ? 1 : weights[i];
        }
        return [RealValues.FromDoubles(call.Node.Type("T"), TensorShape.Of(size), bins)];
    }
}

/// <summary>How many values fall into each of equal bins of a range; values outside count for the first and last.</summary>
[Kernel("HistogramFixedWidth")]
internal sealed class HistogramFixedWidth : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Constants[2] is { } bins ? TensorShape.Of(Integers.Scalar(bins, "nbins")) : TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        double[] range = RealValues.ToDoubles(call.Inputs[1]);
        long count = Integers.Scalar(call.Inputs[2], "nbins");
        if (range.Length != 2 || !(range[0] < range[1]))
            throw Refuse.Invalid($"value_range should satisfy value_range[0] < value_range[1], but got '[{string.Join(", ", range)}]'");
        if (count <= 0)
            throw Refuse.Invalid($"nbins should be a positive number, but got '{count}'");
        double step = (range[1] - range[0]) / count;
        long[] bins = new long[checked((int)count)];
        foreach (double value in RealValues.ToDoubles(call.Inputs[0]))
            bins[(int)Math.Clamp(Math.Floor((value - range[0]) / step), 0, count - 1)]++;
        return [Integers.Write(call.Node.Type("dtype"), TensorShape.Of(count), bins)];
    }
}

/// <summary>Whether the target's score is among the k best of its row; ties count in favour, scores that are not finite against.</summary>
[Kernel("InTopK", "InTopKV2")]
internal sealed class InTopK : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[1]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor predictions = call.Inputs[0];
        long k = call.Inputs.Count > 2 ? Integers.Scalar(call.Inputs[2], "k") : call.Node.Long("k");
        long[] targets = Integers.Read(call.Inputs[1]);
        if (predictions.Shape.Rank != 2 || call.Inputs[1].Shape.Rank != 1)
            throw Refuse.Invalid("predictions must be 2-dimensional and targets 1-dimensional");
        if (predictions.Shape[0] != targets.Length)
            throw Refuse.Invalid($"First dimension of predictions {predictions.Shape[0]} must match length of targets {targets.Length}");
        int classes = (int)predictions.Shape[1];
        ReadOnlySpan<float> scores = predictions.AsSpan<float>();
        Tensor result = Tensor.Allocate<bool>(DataType.Bool, call.Inputs[1].Shape, out var isIn);
        for (int row = 0; row < targets.Length; row++)
            isIn[row] = IsIn(scores.Slice(row * classes, classes), targets[row], k);
        return [result];
    }

    private static bool IsIn(ReadOnlySpan<float> scores, long target, long k)
    {
        if (target < 0 || target >= scores.Length || !float.IsFinite(scores[(int)target]))
            return false;
        int better = 0;
        foreach (float score in scores)
        {
            if (!float.IsFinite(score))
                return false;
            if (score > scores[(int)target])
                better++;
        }
        return better < k;
    }
}

/// <summary>The n-th smallest (or largest) element of each row.</summary>
[Kernel("NthElement")]
internal sealed class NthElement : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [node.Shapes[0].Rank > 0 ? TensorShape.Of(node.Shapes[0].Dimensions.AsSpan()[..^1]) : TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        long n = Integers.Scalar(call.Inputs[1], "n");
        if (x.Shape.Rank < 1)
            throw Refuse.Invalid($"Input must be >= 1-D, got shape {x.Shape}");
        int length = (int)x.Shape[x.Shape.Rank - 1];
        if (n < 0 || n >= length)
            throw Refuse.Invalid($"Input must have at least n+1 columns: n is {n}, columns are {length}");
        double[] values = RealValues.ToDoubles(x);
        double[] result = new double[values.Length / length];
        for (int row = 0; row < result.Length; row++)
        {
            Array.Sort(values, row * length, length);
            result[row] = values[(row * length) + (call.Node.Bool("reverse") ? length - 1 - (int)n : (int)n)];
        }
        return [RealValues.FromDoubles(x.Type, TensorShape.Of(x.Shape.Dimensions.AsSpan()[..^1]), result)];
    }
}
