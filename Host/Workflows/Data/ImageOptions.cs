using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>How an image becomes a tensor: resized to a size, then (value - mean) · scale / divisor. These are one number for all colours, or one for each.</summary>
public sealed record ImageOptions
{
    private static readonly ImmutableArray<float> Zero = [0], One = [1];

    /// <summary>Rows; null for the image's own.</summary>
    public int? Height { get; init; }

    /// <summary>Columns; null for the image's own.</summary>
    public int? Width { get; init; }

    /// <summary>What is taken off each colour value of 0 to 255.</summary>
    public ImmutableArray<float> Mean { get; init; } = Zero;

    /// <summary>What the rest is multiplied by.</summary>
    public ImmutableArray<float> Scale { get; init; } = One;

    /// <summary>What that is divided by.</summary>
    public ImmutableArray<float> Divisor { get; init; } = One;

    /// <summary>Whether blue comes first; only of images, since arrays have their order.</summary>
    public bool IsBgr { get; init; }

    /// <summary>Whether colour values do not stay as they are.</summary>
    public bool ChangesValues => Mean is not [0] || Scale is not [1] || Divisor is not [1];

    /// <summary>Parses <c>size=224x224&amp;mean=123.7,116.8,103.9&amp;order=bgr</c> or <c>divide=255</c>.</summary>
    /// <exception cref="FeedException">An unknown name or a value that is no number.</exception>
    public static ImageOptions Parse(string query)
    {
        var options = new ImageOptions();
        foreach (string pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = pair.Split('=', 2);
            string value = sides.Length == 2 ? sides[1] : "";
            options = sides[0] switch
            {
                "size" => WithSize(options, value),
                "mean" => options with { Mean = Numbers(value) },
                "scale" => options with { Scale = Numbers(value) },
                "divide" => options with { Divisor = [.. Numbers(value).Select(number => number != 0 ? number : throw new FeedException("divide is not 0"))] },
                "order" => options with { IsBgr = value == "bgr" || (value == "rgb" ? false : throw new FeedException($"order is rgb or bgr, not '{value}'")) },
                string other => throw new FeedException($"an image has no option '{other}'; it takes size=HEIGHTxWIDTH, order=rgb or bgr, and mean=NUMBER, scale=NUMBER and divide=NUMBER, with a number for each colour as in mean=123.7,116.8,103.9"),
            };
        }
        return options;
    }

    /// <summary>An array of colour values as an input of a type takes it: numbers for float, the values themselves for others. Colours are its last dimension, or its second one where only that is as long as the numbers.</summary>
    /// <exception cref="FeedException">There are other numbers of numbers and of colours.</exception>
    public Tensor Prepare(Tensor images, DataType type)
    {
        if (type != DataType.Float || images.Type == DataType.String)
            return images;
        float[] values = images.ToSingles();
        int colours = Math.Max(Mean.Length, Math.Max(Scale.Length, Divisor.Length));
        TensorShape shape = images.Shape;
        bool isChannelsFirst = colours > 1 && shape.Rank == 4 && shape[3] != colours && shape[1] == colours;
        int channels = colours == 1 ? 1 : isChannelsFirst ? colours : shape.Rank > 0 ? (int)shape[shape.Rank - 1] : 1;
        Apply(values, channels, stride: isChannelsFirst ? checked((int)(shape[2] * shape[3])) : 1);
        return Tensor.Create<float>(type, shape, values);
    }

    /// <summary>Makes numbers of colour values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="channels">Number of colours.</param>
    /// <param name="stride">How far apart the colours of a pixel are.</param>
    /// <exception cref="FeedException">There are other numbers of numbers and of colours.</exception>
    internal void Apply(Span<float> values, int channels, int stride)
    {
        foreach (var (name, numbers) in (ReadOnlySpan<(string, ImmutableArray<float>)>)[("mean", Mean), ("scale", Scale), ("divide", Divisor)])
        {
            if (numbers.Length != 1 && numbers.Length != channels)
                throw new FeedException($"{name} has {numbers.Length} numbers, and there are {channels} colours");
        }
        if (Mean.Length == 1 && Scale.Length == 1 && Divisor.Length == 1)
            Apply(values, colour: 0);
        else if (stride == 1)
            ApplyInTurn(values, channels);
        else
        {
            for (int start = 0; start < values.Length; start += stride)
                Apply(values.Slice(start, Math.Min(stride, values.Length - start)), start / stride % channels);
        }
    }

    /// <summary>Makes numbers of the values of one colour.</summary>
    private void Apply(Span<float> values, int colour)
    {
        var (mean, scale, divisor) = (Of(Mean, colour), Of(Scale, colour), Of(Divisor, colour));
        int whole = values.Length - (values.Length % Vector<float>.Count);
        foreach (ref Vector<float> some in MemoryMarshal.Cast<float, Vector<float>>(values[..whole]))
            some = (some - new Vector<float>(mean)) * new Vector<float>(scale) / new Vector<float>(divisor);
        foreach (ref float value in values[whole..])
            value = (value - mean) * scale / divisor;
    }

    /// <summary>Makes numbers of the values of pixels, whose colours follow each other.</summary>
    private void ApplyInTurn(Span<float> values, int channels)
    {
        float[] means = Each(Mean), scales = Each(Scale), divisors = Each(Divisor);
        for (int start = 0; start < values.Length; start += channels)
        {
            Span<float> pixel = values.Slice(start, Math.Min(channels, values.Length - start));
            for (int colour = 0; colour < pixel.Length; colour++)
                pixel[colour] = (pixel[colour] - means[colour]) * scales[colour] / divisors[colour];
        }

        float[] Each(ImmutableArray<float> numbers) => [.. Enumerable.Range(0, channels).Select(colour => Of(numbers, colour))];
    }

    private static float Of(ImmutableArray<float> numbers, int colour) => numbers.Length == 1 ? numbers[0] : numbers[colour];

    private static ImageOptions WithSize(ImageOptions options, string value)
    {
        string[] sides = value.Split('x');
        return sides.Length == 2
            && int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int height) && height > 0
            && int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out int width) && width > 0
            ? options with { Height = height, Width = width }
            : throw new FeedException($"size is HEIGHTxWIDTH, for example 224x224, not '{value}'");
    }

    private static ImmutableArray<float> Numbers(string value) => [.. value.Split(',').Select(Number)];

    private static float Number(string value) =>
        float.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && float.IsFinite(number) ? number : throw new FeedException($"'{value}' is not a number");
}
