using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Normalization;

/// <summary>x / (bias + α·Σ x²)^β, the sum over the channels within depth_radius.</summary>
[Kernel("LRN")]
internal sealed class LocalResponseNormalization : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        if (input.Shape.Rank != 4)
            throw Refuse.Invalid($"in must be 4-dimensional{input.Shape}");
        int radius = call.Node.Int("depth_radius");
        double bias = call.Node.Float("bias");
        double alpha = call.Node.Float("alpha");
        double beta = call.Node.Float("beta");
        double[] values = Floats.ToDoubles(input);
        double[] result = new double[values.Length];
        int channels = (int)input.Shape[3];
        for (int start = 0; start < values.Length; start += channels)
        {
            for (int c = 0; c < channels; c++)
            {
                double sum = 0;
                for (int k = Math.Max(0, c - radius); k <= Math.Min(channels - 1L, (long)c + radius); k++)
                    sum += values[start + k] * values[start + k];
                result[start + c] = values[start + c] * Math.Pow(bias + (alpha * sum), -beta);
            }
        }
        return [Floats.FromDoubles(input.Type, input.Shape, result)];
    }
}
