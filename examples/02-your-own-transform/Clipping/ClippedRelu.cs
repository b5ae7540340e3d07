using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace Clipping;

/// <summary>y = min(max(x, 0), limit): an op that TensorFlow does not have, for graphs that run here.</summary>
[Kernel(Op)]
public sealed class ClippedRelu : IKernel
{
    public const string Op = "ClippedRelu";
    public const string Limit = "limit";

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        if (input.Type != DataType.Float)
            throw new ExecutionException(StatusKind.InvalidArgument, $"ClippedRelu takes float, not {input.Type.Name()}", call.Node.Name);
        if (!call.Node.Attributes.TryGetValue(Limit, out var value) || value is not FloatValue limit)
            throw new ExecutionException(StatusKind.InvalidArgument, $"ClippedRelu lacks its attribute '{Limit}'", call.Node.Name);
        Tensor output = Tensor.Allocate(DataType.Float, input.Shape, out Span<float> clipped);
        ReadOnlySpan<float> values = input.AsSpan<float>();
        for (int i = 0; i < values.Length; i++)
            clipped[i] = Math.Clamp(values[i], 0, limit.Value);
        return [output];
    }
}
