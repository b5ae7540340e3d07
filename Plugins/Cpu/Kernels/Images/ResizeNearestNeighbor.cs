using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Images;

/// <summary>The nearest pixel: floor of the place, or with align_corners the rounded one.</summary>
[Kernel("ResizeNearestNeighbor")]
internal sealed class ResizeNearestNeighbor : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [ResizeGeometry.Infer(node)];

    public Tensor[] Compute(KernelCall call)
    {
        var geometry = ResizeGeometry.Of(call.Node, call.Inputs[0].Shape, call.Inputs[1]);
        Tensor tall = AxisPick.Along(call.Inputs[0], 1, Picks(geometry, geometry.Height, geometry.NewHeight, geometry.HeightScale));
        return [AxisPick.Along(tall, 2, Picks(geometry, geometry.Width, geometry.NewWidth, geometry.WidthScale))];
    }

    private static int[] Picks(ResizeGeometry geometry, int size, int count, float scale)
    {
        int[] picks = new int[count];
        for (int i = 0; i < count; i++)
        {
            float place = geometry.HasHalfPixels ? (i + 0.5f) * scale : i * scale;
            float nearest = geometry.AlignsCorners ? MathF.Round(place, MidpointRounding.AwayFromZero) : MathF.Floor(place);
            picks[i] = Math.Clamp((int)nearest, 0, size - 1);
        }
        return picks;
    }
}
