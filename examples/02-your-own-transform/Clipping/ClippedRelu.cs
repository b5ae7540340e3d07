using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace Clipping;

/// <summary>y = min(max(x, 0), limit): an op that TensorFlow does not have, for graphs that run here.</summary>
[Op("ClippedRelu(x: T) -> (y: T) {T: type {float} = float; limit: float}")]
[Kernel(Op)]
public sealed class ClippedRelu : IKernel
{
    public const string Op = "ClippedRelu";
    public const string Limit = "limit";

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        float limit = call.Node.Float(Limit);
        Tensor output = Tensor.Allocate(DataType.Float, input.Shape, out Span<float> clipped);
        ReadOnlySpan<float> values = input.AsSpan<float>();
        for (int i = 0; i < values.Length; i++)
            clipped[i] = Math.Clamp(values[i], 0, limit);
        return [output];
    }
}
