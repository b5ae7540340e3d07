using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.FakeQuant;

/// <summary>Fake quantization over ranges that are inputs: one, or one for each index of the last dimension. The range 0 to 0 gives zeros.</summary>
[Kernel("FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsPerChannel")]
internal sealed class FakeQuantVars : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor inputs = call.Inputs[0];
        QuantizedTypes.Require(inputs, "inputs", DataType.Float);
        NudgedRange?[] ranges = FakeQuantRanges.Read(call.Node, inputs.Shape, call.Inputs, 1);
        Tensor result = Tensor.Allocate<float>(DataType.Float, inputs.Shape, out var y);
        ReadOnlySpan<float> x = inputs.AsSpan<float>();
        for (int i = 0; i < y.Length; i++)
            y[i] = ranges[i % ranges.Length]?.Apply(x[i]) ?? 0;
        return [result];
    }
}
