using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Images;

/// <summary>Draws the outlines of boxes (top, left, bottom, right; as parts of the image's size) into images, one pixel wide.</summary>
[Kernel("DrawBoundingBoxes", "DrawBoundingBoxesV2")]
internal sealed class DrawBoundingBoxes : IKernel
{
    private static readonly double[][] DefaultColours =
    [
        [1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1],
        [0.5, 0.5, 0, 1], [0.5, 0, 0, 1], [0, 0, 0.5, 1], [0, 1, 1, 1], [1, 0, 1, 1],
    ];

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor images = call.Inputs[0];
        TensorShape boxShape = call.Inputs[1].Shape;
        if (images.Shape.Rank != 4 || images.Shape[3] is not (1 or 3 or 4))
            throw Refuse.Invalid($"images must be [batch, height, width, 1, 3 or 4 channels], not {images.Shape}");
        if (boxShape.Rank != 3 || boxShape[2] != 4 || boxShape[0] != images.Shape[0])
            throw Refuse.Invalid($"boxes must be [batch, boxes, 4], not {boxShape}");
        double[][] colours = Colours(call, (int)images.Shape[3]);
        double[] pixels = Floats.ToDoubles(images);
        ReadOnlySpan<float> boxes = call.Inputs[1].AsSpan<float>();
        int image = (int)(images.Shape[1] * images.Shape[2] * images.Shape[3]);
        for (int i = 0; i < boxShape[0] * boxShape[1]; i++)
        {
            int batch = i / (int)boxShape[1];
            Draw(pixels.AsSpan(batch * image, image), images.Shape, boxes.Slice(i * 4, 4), colours[i % (int)boxShape[1] % colours.Length]);
        }
        return [Floats.FromDoubles(images.Type, images.Shape, pixels)];
    }

    private static double[][] Colours(KernelCall call, int channels)
    {
        if (call.Inputs.Count < 3 || call.Inputs[2].Shape.Rank != 2 || call.Inputs[2].Shape[0] == 0)
            return channels == 1 ? [.. DefaultColours.Select(_ => new double[] { 1 })] : DefaultColours;
        float[] given = call.Inputs[2].ToSingles();
        int width = (int)call.Inputs[2].Shape[1];
        if (width < channels)
            throw Refuse.Invalid($"colors must have at least {channels} channels, not {width}");
        return [.. given.Chunk(width).Select(colour => colour.Select(value => (double)value).ToArray())];
    }

    private static void Draw(Span<double> pixels, TensorShape shape, ReadOnlySpan<float> box, double[] colour)
    {
        (int height, int width) = ((int)shape[1], (int)shape[2]);
        (int top, int bottom) = ((int)(box[0] * (height - 1)), (int)(box[2] * (height - 1)));
        (int left, int right) = ((int)(box[1] * (width - 1)), (int)(box[3] * (width - 1)));
        if (top > bottom || left > right || top >= height || bottom < 0 || left >= width || right < 0)
            return;
        for (int y = Math.Max(top, 0); y <= Math.Min(bottom, height - 1); y++)
        {
            for (int x = Math.Max(left, 0); x <= Math.Min(right, width - 1); x++)
            {
                if (y != top && y != bottom && x != left && x != right)
                    continue;
                for (int channel = 0; channel < shape[3]; channel++)
                    pixels[(((y * width) + x) * (int)shape[3]) + channel] = colour[channel];
            }
        }
    }
}
