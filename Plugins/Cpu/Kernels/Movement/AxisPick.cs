using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Picks positions along one axis.</summary>
internal static class AxisPick
{
    /// <summary>The input with position <c>picks[i]</c> of the axis at position i.</summary>
    public static Tensor Along(Tensor input, int axis, ReadOnlySpan<int> picks)
    {
        TensorShape shape = TensorShape.Of(input.Shape.Dimensions.SetItem(axis, picks.Length));
        TensorBuilder result = TensorBuilder.Of(input.Type, shape);
        int outer = (int)Tensors.Product(shape.Dimensions.AsSpan()[..axis]);
        int inner = (int)Tensors.Product(shape.Dimensions.AsSpan()[(axis + 1)..]);
        int row = (int)input.Shape[axis] * inner;
        int to = 0;
        for (int i = 0; i < outer && inner > 0; i++)
        {
            foreach (int pick in picks)
            {
                result.Copy(input, (i * row) + (pick * inner), to, inner);
                to += inner;
            }
        }
        return result.Build();
    }
}
