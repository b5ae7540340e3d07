namespace TransformFramework.Toolkit.Images;

/// <summary>A decoded image: samples [height, width, channels], row by row.</summary>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">1 grey, 2 grey and alpha, 3 colours, 4 colours and alpha.</param>
/// <param name="Bits">Bits of a sample: 8 or 16.</param>
/// <param name="Samples">The samples.</param>
internal sealed record RawImage(int Width, int Height, int Channels, int Bits, ushort[] Samples)
{
    /// <summary>Samples of the largest image: what an image may take before it is an attack.</summary>
    private const long MaxSamples = 1L << 28;

    /// <exception cref="InvalidDataException">The size is not positive or too large.</exception>
    public static RawImage Of(long width, long height, int channels, int bits)
    {
        if (width <= 0 || height <= 0 || width > int.MaxValue || height > int.MaxValue || width * height > MaxSamples / channels)
            throw new InvalidDataException($"an image of {width} × {height} pixels is empty or too large");
        return new((int)width, (int)height, channels, bits, new ushort[width * height * channels]);
    }

    /// <summary>The image with another number of channels: alpha is dropped or opaque, grey is repeated, colours are weighted as TensorFlow asks libpng to.</summary>
    public RawImage WithChannels(int channels)
    {
        if (channels == Channels)
            return this;
        var result = this with { Channels = channels, Samples = new ushort[checked(Width * Height * channels)] };
        Span<ushort> pixel = stackalloc ushort[4];
        ushort opaque = (ushort)((1 << Bits) - 1);
        for (int i = 0; i < Width * Height; i++)
        {
            ReadOnlySpan<ushort> from = Samples.AsSpan(i * Channels, Channels);
            bool isGrey = Channels < 3;
            pixel[3] = Channels % 2 == 0 ? from[^1] : opaque;
            if (channels < 3)
            {
                pixel[0] = isGrey ? from[0] : Grey(from);
                pixel[1] = pixel[3];
            }
            else
            {
                pixel[0] = from[0];
                pixel[1] = isGrey ? from[0] : from[1];
                pixel[2] = isGrey ? from[0] : from[2];
            }
            pixel[..channels].CopyTo(result.Samples.AsSpan(i * channels));
        }
        return result;
    }

    /// <summary>The weights, 0.299, 0.114 and what is left to one, in 15 bits after the point.</summary>
    private static ushort Grey(ReadOnlySpan<ushort> pixel)
    {
        const int red = 9798;
        const int green = 3736;
        const int blue = 32768 - red - green;
        return pixel[0] == pixel[1] && pixel[0] == pixel[2] ? pixel[0] : (ushort)(((red * pixel[0]) + (green * pixel[1]) + ((long)blue * pixel[2]) + 16384) >> 15);
    }
}
