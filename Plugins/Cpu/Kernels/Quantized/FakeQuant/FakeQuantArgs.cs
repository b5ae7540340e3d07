using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.FakeQuant;

/// <summary>Fake quantization over the range in the attributes <c>min</c> and <c>max</c>.</summary>
[Kernel("FakeQuantWithMinMaxArgs")]
internal sealed class FakeQuantArgs : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        QuantizedTypes.Require(call.Inputs[0], "inputs", DataType.Float);
        NudgedRange range = RangeOf(call.Node);
        Tensor result = Tensor.Allocate<float>(DataType.Float, call.Inputs[0].Shape, out var y);
        ReadOnlySpan<float> x = call.Inputs[0].AsSpan<float>();
        for (int i = 0; i < y.Length; i++)
            y[i] = range.ApplyReciprocal(x[i]);
        return [result];
    }

    /// <summary>The nudged range of a node's attributes, which are compared before denormals count as zero.</summary>
    public static NudgedRange RangeOf(Node node)
    {
        var range = new QuantizationRange(node.Float("min"), node.Float("max"));
        if (!(range.Min < range.Max))
            throw Refuse.Invalid($"min has to be smaller than max, was: {range.Min} >= {range.Max}");
        var (lowest, highest) = NudgedRange.LevelsOf(node);
        return NudgedRange.Of(range.Flushed, lowest, highest);
    }
}
