using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>x for x &gt; 0, α·x below.</summary>
[Kernel("LeakyRelu")]
internal sealed class LeakyRelu : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        float alpha = call.Node.Float("alpha");
        if (x.Type == DataType.Float)
            return [Elements.Map<float, float>(x, x.Type, value => Denormals.Flush(value > 0 ? value : alpha * value))];
        double[] values = Floats.ToDoubles(x);
        for (int i = 0; i < values.Length; i++)
            values[i] = values[i] > 0 ? values[i] : alpha * values[i];
        return [Floats.FromDoubles(x.Type, x.Shape, values)];
    }
}
