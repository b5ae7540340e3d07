using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Images;

/// <summary>Conversions between red, green, blue and hue, saturation, value; all from 0 to 1.</summary>
internal static class Colours
{
    public static (double Hue, double Saturation, double Value) ToHsv(double red, double green, double blue)
    {
        double value = Math.Max(red, Math.Max(green, blue));
        double range = value - Math.Min(red, Math.Min(green, blue));
        double saturation = value > 0 ? range / value : 0;
        if (range == 0)
            return (0, saturation, value);
        double norm = 1 / (6 * range);
        double hue = value == red ? norm * (green - blue)
            : value == green ? (norm * (blue - red)) + (2.0 / 6)
            : (norm * (red - green)) + (4.0 / 6);
        return (hue < 0 ? hue + 1 : hue, saturation, value);
    }

    public static (double Red, double Green, double Blue) ToRgb(double hue, double saturation, double value)
    {
        double sixth = hue * 6;
        double red = Math.Clamp(Math.Abs(sixth - 3) - 1, 0, 1);
        double green = Math.Clamp(2 - Math.Abs(sixth - 2), 0, 1);
        double blue = Math.Clamp(2 - Math.Abs(sixth - 4), 0, 1);
        return (Mix(red), Mix(green), Mix(blue));

        double Mix(double colour) => (1 - saturation + (saturation * colour)) * value;
    }
}

/// <summary>A function of the three colours of each pixel.</summary>
internal abstract class PixelKernel : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor images = call.Inputs[0];
        if (images.Shape.Rank < 1 || images.Shape[images.Shape.Rank - 1] != 3)
            throw Refuse.Invalid($"input must have 3 channels but instead has shape {images.Shape}");
        double parameter = call.Inputs.Count > 1 ? RealValues.Scalar(call.Inputs[1], "the adjustment") : 0;
        double[] values = Floats.ToDoubles(images);
        for (int i = 0; i < values.Length; i += 3)
            (values[i], values[i + 1], values[i + 2]) = Apply(values[i], values[i + 1], values[i + 2], parameter);
        return [Floats.FromDoubles(images.Type, images.Shape, values)];
    }

    protected abstract (double First, double Second, double Third) Apply(double first, double second, double third, double parameter);
}

[Kernel("RGBToHSV")]
internal sealed class RgbToHsv : PixelKernel
{
    protected override (double First, double Second, double Third) Apply(double first, double second, double third, double parameter) => Colours.ToHsv(first, second, third);
}

[Kernel("HSVToRGB")]
internal sealed class HsvToRgb : PixelKernel
{
    protected override (double First, double Second, double Third) Apply(double first, double second, double third, double parameter) => Colours.ToRgb(first, second, third);
}

/// <summary>Turns the hue by a part of the circle.</summary>
[Kernel("AdjustHue")]
internal sealed class AdjustHue : PixelKernel
{
    protected override (double First, double Second, double Third) Apply(double first, double second, double third, double parameter)
    {
        var (hue, saturation, value) = Colours.ToHsv(first, second, third);
        double turned = hue + parameter;
        return Colours.ToRgb(turned - Math.Floor(turned), saturation, value);
    }
}

/// <summary>Multiplies the saturation.</summary>
[Kernel("AdjustSaturation")]
internal sealed class AdjustSaturation : PixelKernel
{
    protected override (double First, double Second, double Third) Apply(double first, double second, double third, double parameter)
    {
        var (hue, saturation, value) = Colours.ToHsv(first, second, third);
        return Colours.ToRgb(hue, Math.Clamp(saturation * parameter, 0, 1), value);
    }
}

/// <summary>Stretches each channel of each image around its mean.</summary>
[Kernel("AdjustContrastv2")]
internal sealed class AdjustContrast : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor images = call.Inputs[0];
        if (images.Shape.Rank < 3)
            throw Refuse.Invalid($"input must be at least 3-D, got shape{images.Shape}");
        double factor = RealValues.Scalar(call.Inputs[1], "contrast_factor");
        double[] values = Floats.ToDoubles(images);
        int channels = (int)images.Shape[images.Shape.Rank - 1];
        int pixels = (int)(images.Shape[images.Shape.Rank - 2] * images.Shape[images.Shape.Rank - 3]);
        for (int start = 0; start < values.Length; start += pixels * channels)
        {
            for (int c = 0; c < channels; c++)
                Stretch(values.AsSpan(start, pixels * channels), c, channels, factor);
        }
        return [Floats.FromDoubles(images.Type, images.Shape, values)];
    }

    private static void Stretch(Span<double> image, int channel, int channels, double factor)
    {
        double sum = 0;
        for (int i = channel; i < image.Length; i += channels)
            sum += image[i];
        double mean = sum / (image.Length / channels);
        for (int i = channel; i < image.Length; i += channels)
            image[i] = ((image[i] - mean) * factor) + mean;
    }
}
