using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Normalization;

/// <summary>Batch normalization of floats by given statistics as x · factor + shift, with the shift worked out per channel beforehand: other last bits than the op's own kernel.</summary>
internal sealed class FoldedBatchNorm : IKernel
{
    private readonly FusedBatchNorm direct = new();

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => direct.InferShapes(node);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        if (x.Type != DataType.Float)
            return direct.Compute(call);
        var parameters = BatchNormParameters.Of(call);
        var (factors, shifts) = parameters.Folded();
        float[] values = parameters.Format.ToChannelsLast(Floats.Flushed(x), x.Shape);
        for (int i = 0; i < values.Length; i++)
            values[i] = (values[i] * factors[i % factors.Length]) + shifts[i % shifts.Length];
        return [Floats.FromFloats(x.Shape, parameters.Format.FromChannelsLast(values, x.Shape[0], factors.Length))];
    }
}
