using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>How an image becomes a tensor: resized to a size, then (value - mean) · scale / divisor per colour.</summary>
/// <param name="Height">Rows; null for the image's own.</param>
/// <param name="Width">Columns; null for the image's own.</param>
/// <param name="Mean">What is taken off each colour value of 0 to 255.</param>
/// <param name="Scale">What the rest is multiplied by.</param>
/// <param name="Divisor">What that is divided by.</param>
public sealed record ImageOptions(int? Height, int? Width, float Mean, float Scale, float Divisor = 1)
{
    /// <summary>The number that stands for a colour value.</summary>
    public float Apply(float value) => (value - Mean) * Scale / Divisor;

    /// <summary>An array of colour values as an input of a type takes it: numbers for float, the values themselves for others.</summary>
    public Tensor Prepare(Tensor images, DataType type)
    {
        if (type != DataType.Float || images.Type == DataType.String)
            return images;
        float[] values = images.ToSingles();
        for (int i = 0; i < values.Length; i++)
            values[i] = Apply(values[i]);
        return Tensor.Create<float>(type, images.Shape, values);
    }

    /// <summary>Parses <c>size=224x224&amp;mean=127.5&amp;scale=0.0078431</c> or <c>divide=255</c>.</summary>
    /// <exception cref="FeedException">An unknown name or a value that is no number.</exception>
    public static ImageOptions Parse(string query)
    {
        var options = new ImageOptions(null, null, 0, 1);
        foreach (string pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = pair.Split('=', 2);
            string value = sides.Length == 2 ? sides[1] : "";
            options = sides[0] switch
            {
                "size" => WithSize(options, value),
                "mean" => options with { Mean = Number(value) },
                "scale" => options with { Scale = Number(value) },
                "divide" => options with { Divisor = Number(value) },
                string other => throw new FeedException($"an image has no option '{other}'; it takes size=HEIGHTxWIDTH, mean=NUMBER, scale=NUMBER and divide=NUMBER"),
            };
        }
        return options;
    }

    private static ImageOptions WithSize(ImageOptions options, string value)
    {
        string[] sides = value.Split('x');
        return sides.Length == 2
            && int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int height) && height > 0
            && int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out int width) && width > 0
            ? options with { Height = height, Width = width }
            : throw new FeedException($"size is HEIGHTxWIDTH, for example 224x224, not '{value}'");
    }

    private static float Number(string value) =>
        float.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) ? number : throw new FeedException($"'{value}' is not a number");
}
