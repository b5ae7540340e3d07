using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Normalization;

/// <summary>
/// (x - mean)·scale / √(variance + ε) + offset per channel: by given statistics, or with is_training by those of the batch, which are then outputs 1 (mean) and 2 (variance,
/// divided by n - 1); outputs 3 and 4 are the statistics for the gradient.
/// </summary>
[Kernel("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")]
internal sealed class FusedBatchNorm : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape channels = node.Shapes[1];
        TensorShape[] shapes = [node.Shapes[0], channels, channels, channels, channels];
        return node.Node.Op == "FusedBatchNormV3" ? [.. shapes, TensorShape.Unknown] : shapes;
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        if (x.Shape.Rank is not (4 or 5))
            throw Refuse.Invalid($"input must be 4 or 5-dimensional{x.Shape}");
        bool isTraining = call.Node.Bool("is_training");
        if (x.Type == DataType.Float && !isTraining)
            return Singles(call);
        if (isTraining && call.Inputs[3].ElementCount > 0)
            throw Refuse.Invalid($"estimated_mean must be empty for training{call.Inputs[3].Shape}");
        if (isTraining && call.Inputs[4].ElementCount > 0)
            throw Refuse.Invalid($"estimated_variance must be empty for training{call.Inputs[4].Shape}");
        var format = DataFormat.Of(call.Node, x.Shape.Rank);
        int channels = (int)x.Shape[format.Channel];
        double[] values = format.ToChannelsLast(Floats.ToDoubles(x), x.Shape);
        double[] scale = PerChannel(call.Inputs[1], channels, "scale");
        double[] offset = PerChannel(call.Inputs[2], channels, "offset");
        var (mean, variance) = isTraining ? Statistics(values, channels) : (PerChannel(call.Inputs[3], channels, "mean"), PerChannel(call.Inputs[4], channels, "variance"));
        double epsilon = call.Node.Float("epsilon");
        for (int i = 0; i < values.Length; i++)
        {
            int c = i % channels;
            values[i] = ((values[i] - mean[c]) * (scale[c] / Math.Sqrt(variance[c] + epsilon))) + offset[c];
        }
        Tensor y = Floats.FromDoubles(x.Type, x.Shape, format.FromChannelsLast(values, x.Shape[0], channels));
        return Outputs(call, y, mean, variance, isTraining ? values.Length / Math.Max(1, channels) : 0);
    }

    /// <summary>Floats by given statistics: in float, each operation rounded as in TensorFlow's vectorized code.</summary>
    private static Tensor[] Singles(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        var parameters = BatchNormParameters.Of(call);
        float[] factors = parameters.Factors();
        float[] values = parameters.Format.ToChannelsLast(Floats.Flushed(x), x.Shape);
        for (int i = 0; i < values.Length; i++)
        {
            int c = i % factors.Length;
            values[i] = ((values[i] - parameters.Mean[c]) * factors[c]) + parameters.Offset[c];
        }
        Tensor y = Floats.FromFloats(x.Shape, parameters.Format.FromChannelsLast(values, x.Shape[0], factors.Length));
        return Outputs(call, y, Floats.ToDoubles(call.Inputs[3]), Floats.ToDoubles(call.Inputs[4]), 0);
    }

    private static Tensor[] Outputs(KernelCall call, Tensor y, double[] mean, double[] variance, int samples)
    {
        DataType type = call.Inputs[1].Type;
        TensorShape shape = TensorShape.Of(mean.Length);
        double correction = samples > 1 ? samples / (samples - 1.0) : 1;
        Tensor meanTensor = Floats.FromDoubles(type, shape, mean);
        Tensor unbiased = Floats.FromDoubles(type, shape, [.. variance.Select(value => value * correction)]);
        Tensor biased = Floats.FromDoubles(type, shape, variance);
        Tensor[] outputs = [y, meanTensor, unbiased, meanTensor, biased];
        return call.Node.Op == "FusedBatchNormV3" ? [.. outputs, Tensor.Create<float>(DataType.Float, TensorShape.Of(0), [])] : outputs;
    }

    /// <summary>Refuses a parameter that is not one number a channel.</summary>
    internal static void Check(Tensor tensor, int channels, string name)
    {
        if (tensor.Shape.Rank != 1)
            throw Refuse.Invalid($"{name} must be 1-dimensional{tensor.Shape}");
        if (tensor.ElementCount != channels)
            throw Refuse.Invalid($"{name} must have the same number of elements as the channels of x, got {tensor.ElementCount} and {channels}");
    }

    private static double[] PerChannel(Tensor tensor, int channels, string name)
    {
        Check(tensor, channels, name);
        return Floats.ToDoubles(tensor);
    }

    private static (double[] Mean, double[] Variance) Statistics(double[] values, int channels)
    {
        double[] mean = new double[channels];
        double[] variance = new double[channels];
        int samples = channels == 0 ? 0 : values.Length / channels;
        for (int i = 0; i < values.Length; i++)
            mean[i % channels] += values[i];
        for (int c = 0; c < channels; c++)
            mean[c] /= samples;
        for (int i = 0; i < values.Length; i++)
            variance[i % channels] += Math.Pow(values[i] - mean[i % channels], 2);
        for (int c = 0; c < channels; c++)
            variance[c] /= samples;
        return (mean, variance);
    }
}
