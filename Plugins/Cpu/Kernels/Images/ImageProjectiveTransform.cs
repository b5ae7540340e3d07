using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Images;

/// <summary>
/// Images [batch, height, width, channels] under projective transforms of eight numbers, which map output points to input points: x' = (a0·x + a1·y + a2) / k, y' = (b0·x + b1·y + b2) / k,
/// k = c0·x + c1·y + 1. Outside of an image: a constant, the nearest pixel, the image mirrored or repeated.
/// </summary>
[Kernel("ImageProjectiveTransformV2", "ImageProjectiveTransformV3")]
internal sealed class ImageProjectiveTransform : IKernel
{
    private const int Parameters = 8;

    private delegate double Reader(long y, long x);

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        node.Shapes[0].Rank == 4 && node.Constants[2] is { ElementCount: 2 } size
            ? [TensorShape.Of([node.Shapes[0][0], .. Integers.Read(size), node.Shapes[0][3]])]
            : [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor images = call.Inputs[0];
        Tensor transforms = call.Inputs[1];
        long[] size = Integers.Read(call.Inputs[2]);
        if (images.Shape.Rank != 4)
            throw Refuse.Invalid($"Input images must have rank 4, not {images.Shape}");
        bool fits = transforms.Shape.Rank == 2 && transforms.Shape[1] == Parameters && (transforms.Shape[0] == 1 || transforms.Shape[0] == images.Shape[0]);
        if (!fits)
            throw Refuse.Invalid($"Input transform should be num_images x 8 or 1 x 8, not {transforms.Shape}");
        if (size.Length != 2 || size[0] <= 0 || size[1] <= 0)
            throw Refuse.Invalid("output_shape must be two positive numbers");
        double fill = call.Node.Op == "ImageProjectiveTransformV3" ? RealValues.ToDoubles(call.Inputs[3])[0] : 0;
        TensorShape shape = TensorShape.Of(images.Shape[0], size[0], size[1], images.Shape[3]);
        double[] values = RealValues.ToDoubles(images);
        double[] results = new double[checked((int)shape.ElementCount)];
        var plane = new Plane(values, (int)images.Shape[1], (int)images.Shape[2], (int)images.Shape[3], call.Node.Choice("fill_mode", "CONSTANT", "NEAREST", "REFLECT", "WRAP"), fill);
        bool isBilinear = call.Node.Choice("interpolation", "NEAREST", "BILINEAR") == "BILINEAR";
        for (int i = 0; i < results.Length; i++)
        {
            int channel = (int)(i % shape[3]);
            long x = i / shape[3] % shape[2];
            long y = i / (shape[3] * shape[2]) % shape[1];
            int image = (int)(i / (shape[3] * shape[2] * shape[1]));
            ReadOnlySpan<float> t = transforms.AsSpan<float>().Slice(transforms.Shape[0] == 1 ? 0 : image * Parameters, Parameters);
            results[i] = plane.At(t, x, y, image, channel, isBilinear);
        }
        return [RealValues.FromDoubles(images.Type, shape, results)];
    }

    /// <summary>The input images and what is outside of them.</summary>
    private sealed class Plane(double[] values, int height, int width, int channels, string mode, double fill)
    {
        public double At(ReadOnlySpan<float> t, long x, long y, int image, int channel, bool isBilinear)
        {
            float k = (t[6] * x) + (t[7] * y) + 1f;
            if (k == 0)
                return fill;
            float column = Mapped(((t[0] * x) + (t[1] * y) + t[2]) / k, width);
            float row = Mapped(((t[3] * x) + (t[4] * y) + t[5]) / k, height);
            if (!isBilinear)
                return Read(Nearest(row), Nearest(column), image, channel);
            float top = MathF.Floor(row);
            float left = MathF.Floor(column);
            float bottom = top + 1;
            float right = left + 1;
            double above = ((right - column) * Read((long)top, (long)left, image, channel)) + ((column - left) * Read((long)top, (long)right, image, channel));
            double below = ((right - column) * Read((long)bottom, (long)left, image, channel)) + ((column - left) * Read((long)bottom, (long)right, image, channel));
            return ((bottom - row) * above) + ((row - top) * below);
        }

        private static long Nearest(float position) => float.IsFinite(position) ? (long)MathF.Round(position, MidpointRounding.AwayFromZero) : -1;

        private double Read(long y, long x, int image, int channel)
        {
            if (mode != "CONSTANT")
                (y, x) = (Math.Clamp(y, 0, height - 1), Math.Clamp(x, 0, width - 1));
            bool isInside = y >= 0 && y < height && x >= 0 && x < width;
            return isInside ? values[(((((image * height) + (int)y) * width) + (int)x) * channels) + channel] : fill;
        }

        /// <summary>A position brought into the image by the mode.</summary>
        private float Mapped(float position, int length) => mode switch
        {
            "REFLECT" => Reflected(position, length),
            "WRAP" => Wrapped(position, length),
            "NEAREST" => Math.Clamp(position, 0, length - 1),
            _ => position,
        };

        private static float Reflected(float position, int length)
        {
            if (position < 0)
            {
                if (length <= 1)
                    return 0;
                int twice = 2 * length;
                if (position < twice)
                    position = (twice * (long)(-position / twice)) + position;
                position = position < -length ? position + twice : -position - 1;
            }
            else if (position > length - 1)
            {
                if (length <= 1)
                    return 0;
                int twice = 2 * length;
                position -= twice * (long)(position / twice);
                position = position >= length ? twice - position - 1 : position;
            }
            return Math.Clamp(position, 0, length - 1);
        }

        private static float Wrapped(float position, int length)
        {
            if (length <= 1)
                return 0;
            if (position < 0)
                position += length * ((long)(-position / (length - 1)) + 1);
            else if (position > length - 1)
                position -= length * (long)(position / (length - 1));
            return Math.Clamp(position, 0, length - 1);
        }
    }
}
