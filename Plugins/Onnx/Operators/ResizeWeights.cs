using System.Globalization;

namespace TransformFramework.Onnx.Operators;

/// <summary>Weights of a resizing along one axis, by the formulas of the operator's definition.</summary>
/// <param name="kind">How it is resized.</param>
/// <param name="input">Size before.</param>
/// <param name="output">Size after.</param>
/// <param name="scale">Factor between the two.</param>
/// <param name="start">Begin of the region of a crop, as part of the size.</param>
/// <param name="end">End of the region of a crop, as part of the size.</param>
internal sealed class ResizeWeights(ResizeKind kind, long input, long output, float scale, float start, float end)
{
    /// <summary>Most weights along an axis, those of 8,192 by 8,192 elements.</summary>
    private const long MaxWeights = 1 << 26;

    /// <summary>The nearest element for each place.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The axis is too long.</exception>
    public long[] Nearest()
    {
        if (output > MaxWeights)
            throw Unreadable();
        long[] places = new long[output];
        for (long i = 0; i < output; i++)
        {
            double x = Coordinate(i);
            double nearest = kind.Rounding switch
            {
                "floor" => Math.Floor(x),
                "ceil" => Math.Ceiling(x),
                ResizeKind.BySize => scale < 1 ? Math.Ceiling(x) : Math.Floor(x),
                "round_prefer_ceil" => Math.Floor(x + 0.5),
                _ => Math.Ceiling(x - 0.5),
            };
            places[i] = Math.Clamp((long)nearest, 0, input - 1);
        }
        return places;
    }

    /// <summary>[input, output] weights.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The axis is too long, or the scale is far from the two sizes: a scale near zero takes more elements together than there are.</exception>
    public float[] Matrix()
    {
        if (output > 0 && input > MaxWeights / output)
            throw Unreadable();
        float[] matrix = new float[input * output];
        for (long i = 0; i < output; i++)
        {
            double x = Coordinate(i);
            double stretch = kind.IsAntialiased && scale < 1 ? scale : 1;
            double reach = (kind.Mode == "cubic" ? 2 : 1) / stretch;
            if (!(Math.Abs(x) <= MaxWeights && reach > 0 && reach <= MostReached))
                throw Unreadable();
            long first = (long)Math.Floor(x - reach) + 1;
            long last = (long)Math.Ceiling(x + reach) - 1;
            bool excludes = kind.ExcludesOutside;
            var taps = new List<(long Place, double Weight)>();
            for (long tap = first; tap <= last; tap++)
            {
                double weight = kind.Mode == "cubic" ? Cubic(Math.Abs(x - tap) * stretch) : Math.Max(0, 1 - (Math.Abs(x - tap) * stretch));
                bool isInside = tap >= 0 && tap < input;
                if (isInside || !excludes)
                    taps.Add((Math.Clamp(tap, 0, input - 1), weight));
            }
            double sum = excludes || stretch < 1 ? taps.Sum(tap => tap.Weight) : 1;
            foreach (var (place, weight) in taps)
                matrix[(place * output) + i] += (float)(weight / sum);
        }
        return matrix;
    }

    /// <summary>Elements on one side that a place may be made of: where the scale is the quotient of the sizes, a cubic kernel reaches over twice the input.</summary>
    private double MostReached => (4.0 * input) + 8;

    private ModelFiles.ModelFormatException Unreadable() => OnnxDiagnostics.Decline(string.Create(CultureInfo.InvariantCulture, $"resizing from {input} to {output} elements by {scale}"));

    /// <summary>Places of a crop that are outside of the input.</summary>
    public bool[] Outside() => [.. Enumerable.Range(0, (int)output).Select(i => Coordinate(i) is var x && (x < 0 || x > input - 1))];

    /// <summary>Where an element of the result comes from, in single precision as ONNX Runtime computes it: near whole numbers the last bit decides.</summary>
    private double Coordinate(long i)
    {
        switch (kind.Coordinates)
        {
            case "align_corners":
                return output == 1 ? 0 : (float)i * (input - 1) / (output - 1);
            case "asymmetric":
                return i / scale;
            case "tf_half_pixel_for_nn":
                return (i + 0.5f) / scale;
            case "pytorch_half_pixel":
                return output == 1 ? 0 : ((i + 0.5f) / scale) - 0.5f;
            case "half_pixel_symmetric":
                double length = input * (double)scale;
                double adjustment = output / length;
                double centre = input / 2.0;
                double offset = centre * (1 - adjustment);
                return offset + ((i + 0.5) / scale) - 0.5;
            case "tf_crop_and_resize":
                return output > 1
                    ? (start * (input - 1)) + (i * (end - start) * (input - 1) / (double)(output - 1))
                    : 0.5 * (start + end) * (input - 1);
            default:
                return ((i + 0.5f) / scale) - 0.5f;
        }
    }

    private double Cubic(double distance)
    {
        double a = kind.Cubic;
        if (distance <= 1)
            return (((a + 2) * distance * distance * distance) - ((a + 3) * distance * distance)) + 1;
        return distance < 2 ? (a * distance * distance * distance) - (5 * a * distance * distance) + (8 * a * distance) - (4 * a) : 0;
    }
}
