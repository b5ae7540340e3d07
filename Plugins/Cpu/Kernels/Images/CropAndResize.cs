using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Images;

/// <summary>Cuts boxes [y1, x1, y2, x2] (0 to 1 over the image) out of images and brings them to one size; what is outside is extrapolation_value.</summary>
[Kernel("CropAndResize")]
internal sealed class CropAndResize : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        long[] size = node.Constants[3] is { ElementCount: 2 } constant ? Integers.Read(constant) : [-1, -1];
        return [TensorShape.Of(node.Shapes[1].Rank == 2 ? node.Shapes[1][0] : -1, size[0], size[1], node.Shapes[0].Rank == 4 ? node.Shapes[0][3] : -1)];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor images = call.Inputs[0];
        if (images.Shape.Rank != 4)
            throw Refuse.Invalid("input image must be 4-D");
        if (images.Shape[1] <= 0 || images.Shape[2] <= 0)
            throw Refuse.Invalid("image dimensions must be positive");
        bool isEmpty = call.Inputs[1].ElementCount == 0 && call.Inputs[2].ElementCount == 0;
        if (!isEmpty && (call.Inputs[1].Shape.Rank != 2 || call.Inputs[1].Shape[1] != 4))
            throw Refuse.Invalid($"boxes must be 2-D of 4 columns, not {call.Inputs[1].Shape}");
        if (!isEmpty && (call.Inputs[2].Shape.Rank != 1 || call.Inputs[2].Shape[0] != call.Inputs[1].Shape[0]))
            throw Refuse.Invalid("box_index has incompatible shape");
        long[] size = Integers.Read(call.Inputs[3]);
        if (call.Inputs[3].Shape.Rank != 1 || size.Length != 2)
            throw Refuse.Invalid($"crop_size must have two elements{call.Inputs[3].Shape}");
        if (size[0] <= 0 || size[1] <= 0)
            throw Refuse.Invalid("crop dimensions must be positive");
        var crop = new Cropping(images, (int)size[0], (int)size[1], call.Node.Text("method") == "nearest", call.Node.Float("extrapolation_value"));
        return [crop.Of(call.Inputs[1].AsSpan<float>(), call.Inputs[2].AsSpan<int>())];
    }

    private sealed class Cropping(Tensor images, int rows, int columns, bool nearest, float outside)
    {
        private readonly float[] source = images.ToSingles();
        private readonly int height = (int)images.Shape[1];
        private readonly int width = (int)images.Shape[2];
        private readonly int channels = (int)images.Shape[3];

        public Tensor Of(ReadOnlySpan<float> boxes, ReadOnlySpan<int> indices)
        {
            Tensor result = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(indices.Length, rows, columns, channels), out var target);
            foreach (int index in indices)
            {
                if (index < 0 || index >= images.Shape[0])
                    throw new ExecutionException(StatusKind.OutOfRange, "box_index has values outside [0, batch_size)");
            }
            foreach (float edge in boxes)
            {
                if (float.IsNaN(edge))
                    throw Refuse.Invalid("a box has a NaN edge");
            }
            int size = rows * columns * channels;
            for (int b = 0; b < indices.Length; b++)
                Cut(boxes.Slice(4 * b, 4), indices[b] * height * width * channels, target.Slice(b * size, size));
            return result;
        }

        private void Cut(ReadOnlySpan<float> box, int image, Span<float> target)
        {
            int at = 0;
            for (int r = 0; r < rows; r++)
            {
                float y = Place(box[0], box[2], height, rows, r);
                for (int c = 0; c < columns; c++, at += channels)
                {
                    float x = Place(box[1], box[3], width, columns, c);
                    Span<float> pixel = target.Slice(at, channels);
                    if (!(y >= 0 && y <= height - 1 && x >= 0 && x <= width - 1))
                        pixel.Fill(outside);
                    else if (nearest)
                        source.AsSpan(Pixel(image, (int)MathF.Round(y, MidpointRounding.AwayFromZero), (int)MathF.Round(x, MidpointRounding.AwayFromZero)), channels).CopyTo(pixel);
                    else
                        Interpolate(image, y, x, pixel);
                }
            }
        }

        private void Interpolate(int image, float y, float x, Span<float> pixel)
        {
            int top = (int)MathF.Floor(y);
            int bottom = (int)MathF.Ceiling(y);
            int left = (int)MathF.Floor(x);
            int right = (int)MathF.Ceiling(x);
            float down = y - top;
            float across = x - left;
            for (int c = 0; c < channels; c++)
            {
                float topLeft = source[Pixel(image, top, left) + c];
                float bottomLeft = source[Pixel(image, bottom, left) + c];
                float above = topLeft + ((source[Pixel(image, top, right) + c] - topLeft) * across);
                float below = bottomLeft + ((source[Pixel(image, bottom, right) + c] - bottomLeft) * across);
                pixel[c] = above + ((below - above) * down);
            }
        }

        private int Pixel(int image, int y, int x) => image + (((y * width) + x) * channels);

        private static float Place(float from, float to, int size, int count, int index)
        {
            if (count == 1)
                return 0.5f * (from + to) * (size - 1);
            float step = (to - from) * (size - 1) / (count - 1);
            return (from * (size - 1)) + (index * step);
        }
    }
}
