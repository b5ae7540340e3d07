using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>Number of bits that are set.</summary>
[Kernel("PopulationCount")]
internal sealed class PopulationCount : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        int size = x.Type.Size();
        if (size == 0 || x.Type.IsFloating())
            throw Refuse.Type(x.Type, "the integer types");
        byte[] counts = new byte[x.ElementCount];
        ReadOnlySpan<byte> bytes = x.Bytes.Span;
        for (int i = 0; i < counts.Length; i++)
        {
            foreach (byte part in bytes.Slice(i * size, size))
                counts[i] += (byte)BitOperations.PopCount(part);
        }
        return [Tensor.Create<byte>(DataType.UInt8, x.Shape, counts)];
    }
}
