using StbImageSharp;

namespace TransformFramework.Examples;

/// <summary>A grey image (PNG, JPEG, BMP) of a request.</summary>
internal sealed class Image
{
    /// <summary>Width and height of what the model reads.</summary>
    public const int Side = 32;

    private const int MostBytes = 1 << 20;
    private const int MostPixels = 1 << 22;

    private readonly ImageResult image;

    private Image(ImageResult image) => this.image = image;

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="InvalidDataException">It is no image, or too large.</exception>
    public static async Task<Image> ReadAsync(Stream body, CancellationToken cancellation)
    {
        using var content = new MemoryStream();
        byte[] block = new byte[1 << 14];
        for (int read = await body.ReadAsync(block, cancellation); read > 0; read = await body.ReadAsync(block, cancellation))
        {
            if (content.Length + read > MostBytes)
                throw new InvalidDataException($"an image has at most {MostBytes} bytes");
            content.Write(block, 0, read);
        }
        return new(Decode(content.ToArray()));
    }

    /// <summary>Writes the mean of each cell of the image, from 0 to 1.</summary>
    public void Resize(Span<float> pixels)
    {
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                int top = y * image.Height / Side, bottom = Math.Max(top + 1, (y + 1) * image.Height / Side);
                int left = x * image.Width / Side, right = Math.Max(left + 1, (x + 1) * image.Width / Side);
                int sum = 0;
                for (int row = top; row < bottom; row++)
                {
                    foreach (byte value in image.Data.AsSpan((row * image.Width) + left, right - left))
                        sum += value;
                }
                pixels[(y * Side) + x] = sum / 255f / ((bottom - top) * (right - left));
            }
        }
    }

    private static ImageResult Decode(byte[] bytes)
    {
        try
        {
            using var stream = new MemoryStream(bytes);
            ImageInfo info = ImageInfo.FromStream(stream) ?? throw new InvalidDataException("the body is no image");
            if ((long)info.Width * info.Height > MostPixels)
                throw new InvalidDataException($"an image has at most {MostPixels} pixels");
            return ImageResult.FromMemory(bytes, ColorComponents.Grey);
        }
        catch (Exception error) when (error is not InvalidDataException)
        {
            throw new InvalidDataException("the body is no image", error);
        }
    }
}
