using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Images;

/// <summary>Bilinear interpolation; the result is float whatever the images are.</summary>
[Kernel("ResizeBilinear")]
internal sealed class ResizeBilinear : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [ResizeGeometry.Infer(node)];

    public Tensor[] Compute(KernelCall call) => [Resize(call.Inputs[0], ResizeGeometry.Of(call.Node, call.Inputs[0].Shape, call.Inputs[1]))];

    /// <summary>The images resized as the geometry says.</summary>
    internal static Tensor Resize(Tensor images, ResizeGeometry geometry)
    {
        float[] source = images.ToSingles();
        ResizeTap[] rows = geometry.Rows();
        ResizeTap[] columns = geometry.Columns();
        Tensor result = Tensor.Allocate<float>(DataType.Float, geometry.Result, out var target);
        int channels = geometry.Channels;
        int at = 0;
        for (int n = 0; n < geometry.Batch; n++)
        {
            int image = n * geometry.Height * geometry.Width * channels;
            foreach (var (top, bottom, down) in rows)
            {
                int upper = image + (top * geometry.Width * channels);
                int lower = image + (bottom * geometry.Width * channels);
                foreach (var (left, right, across) in columns)
                {
                    for (int c = 0; c < channels; c++)
                    {
                        float above = Mix(source[upper + (left * channels) + c], source[upper + (right * channels) + c], across);
                        float below = Mix(source[lower + (left * channels) + c], source[lower + (right * channels) + c], across);
                        target[at++] = Mix(above, below, down);
                    }
                }
            }
        }
        return result;
    }

    private static float Mix(float x, float y, float share) => x + ((y - x) * share);
}
