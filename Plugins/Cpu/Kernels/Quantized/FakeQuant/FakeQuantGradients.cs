using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.FakeQuant;

/// <summary>
/// Gradients of fake quantization: they pass inside the nudged range and stop outside; those below it add up to the gradient of min, those above to that of max, in a reversed
/// range both (sums in double, rounded once). The range 0 to 0 lets everything pass.
/// </summary>
[Kernel("FakeQuantWithMinMaxArgsGradient", "FakeQuantWithMinMaxVarsGradient", "FakeQuantWithMinMaxVarsPerChannelGradient")]
internal sealed class FakeQuantGradients : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        if (node.Shapes.Count == 2)
            return [node.Shapes[0]];
        return [node.Shapes[0], node.Shapes[2], node.Shapes[3]];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor gradients = call.Inputs[0];
        Tensor inputs = call.Inputs[1];
        QuantizedTypes.Require(gradients, "gradients", DataType.Float);
        QuantizedTypes.Require(inputs, "inputs", DataType.Float);
        if (!gradients.Shape.Equals(inputs.Shape))
            throw Refuse.Invalid($"gradient and input must be the same size, but have shapes {gradients.Shape} and {inputs.Shape}");
        bool hasVars = call.Inputs.Count > 2;
        NudgedRange?[] ranges = hasVars ? FakeQuantRanges.Read(call.Node, inputs.Shape, call.Inputs, 2) : [FakeQuantArgs.RangeOf(call.Node)];
        Tensor passed = Tensor.Allocate<float>(DataType.Float, inputs.Shape, out var inside);
        double[] below = new double[ranges.Length];
        double[] above = new double[ranges.Length];
        Distribute(gradients.AsSpan<float>(), inputs.AsSpan<float>(), ranges, inside, below, above);
        return hasVars ? [passed, Accumulators(below, call.Inputs[2].Shape), Accumulators(above, call.Inputs[3].Shape)] : [passed];
    }

    private static void Distribute(ReadOnlySpan<float> gradients, ReadOnlySpan<float> inputs, NudgedRange?[] ranges, Span<float> inside, double[] below, double[] above)
    {
        for (int i = 0; i < inside.Length; i++)
        {
            int channel = i % ranges.Length;
            float x = Denormals.Flush(inputs[i]);
            if (ranges[channel] is not { } range || (x >= range.Min && x <= range.Max))
            {
                inside[i] = gradients[i];
                continue;
            }
            if (x < range.Min)
                below[channel] += gradients[i];
            if (x > range.Max)
                above[channel] += gradients[i];
        }
    }

    private static Tensor Accumulators(double[] accumulators, TensorShape shape) => Floats.FromDoubles(DataType.Float, shape, accumulators);
}
