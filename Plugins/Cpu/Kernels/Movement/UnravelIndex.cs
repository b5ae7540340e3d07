using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Coordinates of flat indices into a shape.</summary>
[Kernel("UnravelIndex")]
internal sealed class UnravelIndex : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        long[] dimensions = Integers.Read(call.Inputs[1]);
        TensorShape shape = Tensors.ShapeOf(dimensions);
        long[] indices = Integers.Read(call.Inputs[0]);
        long[] coordinates = new long[dimensions.Length * indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            if (indices[i] < 0 || indices[i] >= shape.ElementCount)
                throw Refuse.Invalid($"index is out of bound as with dims: {indices[i]} in {shape}");
            long rest = indices[i];
            for (int d = dimensions.Length - 1; d >= 0; d--)
            {
                coordinates[(d * indices.Length) + i] = rest % dimensions[d];
                rest /= dimensions[d];
            }
        }
        TensorShape result = call.Inputs[0].Shape.Rank == 0 ? TensorShape.Of(dimensions.Length) : TensorShape.Of(dimensions.Length, indices.Length);
        return [Integers.Write(call.Inputs[0].Type, result, coordinates)];
    }
}
