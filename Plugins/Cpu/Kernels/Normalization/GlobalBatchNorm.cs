using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Normalization;

/// <summary>(t - m) / √(v + ε), times γ when scale_after_normalization, plus β; per channel of rank-4 data.</summary>
[Kernel("BatchNormWithGlobalNormalization")]
internal sealed class GlobalBatchNorm : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        if (input.Shape.Rank != 4)
            throw Refuse.Invalid($"input must be 4-dimensional{input.Shape}");
        string[] names = ["mean", "var", "beta", "gamma"];
        for (int i = 0; i < names.Length; i++)
        {
            if (call.Inputs[i + 1].Shape.Rank != 1)
                throw Refuse.Invalid($"{names[i]} must be 1-dimensional{call.Inputs[i + 1].Shape}");
            if (call.Inputs[i + 1].Shape[0] != input.Shape[3])
                throw Refuse.Invalid($"{names[i]} must have one element per channel, got {call.Inputs[i + 1].Shape} for {input.Shape}");
        }
        double[] mean = Floats.ToDoubles(call.Inputs[1]);
        double[] variance = Floats.ToDoubles(call.Inputs[2]);
        double[] beta = Floats.ToDoubles(call.Inputs[3]);
        double[] gamma = Floats.ToDoubles(call.Inputs[4]);
        double epsilon = call.Node.Float("variance_epsilon");
        bool scales = call.Node.Bool("scale_after_normalization");
        double[] values = Floats.ToDoubles(input);
        for (int i = 0; i < values.Length; i++)
        {
            int c = i % mean.Length;
            values[i] = ((values[i] - mean[c]) / Math.Sqrt(variance[c] + epsilon) * (scales ? gamma[c] : 1)) + beta[c];
        }
        return [Floats.FromDoubles(input.Type, input.Shape, values)];
    }
}
