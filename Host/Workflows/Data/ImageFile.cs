using TransformFramework.Graphs;
using TransformFramework.Toolkit.Images;

namespace TransformFramework.Workflows.Data;

/// <summary>Reads images (JPEG, PNG, BMP, GIF) as tensors [1, height, width, colours], turned as the camera was held (Exif).</summary>
public static class ImageFile
{
    private static readonly string[] Endings = [".jpg", ".jpeg", ".png", ".bmp", ".gif"];

    /// <summary>Whether bytes begin as an image does.</summary>
    public static bool IsEncoded(ReadOnlySpan<byte> content) => content is [0xFF, 0xD8, 0xFF, ..] or [0x89, (byte)'P', (byte)'N', (byte)'G', ..] or [(byte)'B', (byte)'M', ..] or [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..];

    /// <summary>Whether a name ends as an image's does.</summary>
    public static bool IsImage(string path) => Endings.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <summary>The image as float or uint8, with as many colours as the wanted shape says (3 when it does not).</summary>
    /// <exception cref="FeedException">The file is not an image, or the type does not fit.</exception>
    public static Tensor Read(string path, ImageOptions options, DataType type, TensorShape wanted, CancellationToken cancellation = default) =>
        Decode(path, BoundedReading.File(path), options, type, wanted, cancellation);

    /// <summary>The image in some bytes, see <see cref="Read"/>.</summary>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="content">The file's content.</param>
    /// <param name="options">How it becomes numbers.</param>
    /// <param name="type">Float or uint8.</param>
    /// <param name="wanted">The shape that the input wants.</param>
    /// <param name="cancellation">Ends the decoding.</param>
    /// <exception cref="FeedException">The bytes are no image, or the type does not fit.</exception>
    public static Tensor Decode(string path, byte[] content, ImageOptions options, DataType type, TensorShape wanted, CancellationToken cancellation = default)
    {
        if (type != DataType.Float && options.ChangesValues)
            throw new FeedException($"mean, scale and divide do not go with an input of type {type.Name()}, which takes colour values as they are");
        if (!wanted.IsUnknownRank && wanted.Rank == 3)
            wanted = TensorShape.Of([1, .. wanted.Dimensions]);
        bool isChannelsFirst = wanted.Rank == 4 && !IsColours(wanted[3]) && IsColours(wanted[1]);
        TensorShape size = isChannelsFirst ? TensorShape.Of(wanted[0], wanted[2], wanted[3], wanted[1]) : wanted;
        int channels = size.Rank == 4 && IsColours(size[3]) ? (int)size[3] : 3;
        RawImage image = Decoded(path, content, channels, cancellation);
        int height = options.Height ?? (size.Rank == 4 && size[1] > 0 ? (int)size[1] : image.Height);
        int width = options.Width ?? (size.Rank == 4 && size[2] > 0 ? (int)size[2] : image.Width);
        CheckSize(height, width, Math.Max(image.Height, height), channels);
        float[] values = Resize(image.Samples, image.Height, image.Width, channels, height, width);
        if (options.IsBgr && channels >= 3)
            SwapRedAndBlue(values, channels);
        if (isChannelsFirst)
            values = ChannelsFirst(values, channels);
        TensorShape shape = isChannelsFirst ? TensorShape.Of(1, channels, height, width) : TensorShape.Of(1, height, width, channels);
        if (type == DataType.UInt8)
        {
            Tensor bytes = Tensor.Allocate<byte>(type, shape, out var elements);
            for (int i = 0; i < elements.Length; i++)
                elements[i] = (byte)Math.Clamp(MathF.Round(values[i]), 0, 255);
            return bytes;
        }
        if (type != DataType.Float)
            throw new FeedException($"an image gives float or uint8, the input wants {type.Name()}");
        options.Apply(values, channels, stride: isChannelsFirst ? height * width : 1);
        return Tensor.Create<float>(type, shape, values);
    }

    private static bool IsColours(long dimension) => dimension is 1 or 3 or 4;

    private static void SwapRedAndBlue(float[] values, int channels)
    {
        for (int i = 0; i < values.Length; i += channels)
            (values[i], values[i + 2]) = (values[i + 2], values[i]);
    }

    private static float[] ChannelsFirst(float[] values, int channels)
    {
        int pixels = values.Length / channels;
        float[] moved = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
            moved[(i % channels * pixels) + (i / channels)] = values[i];
        return moved;
    }

    private static RawImage Decoded(string path, byte[] content, int channels, CancellationToken cancellation)
    {
        try
        {
            return ImageFormats.Decode(content, channels, cancellation);
        }
        catch (InvalidDataException error)
        {
            throw new FeedException($"'{path}' is not an image that can be read: {error.Message}", error) { Suggestion = "Open it in a viewer; a file that is cut short must be copied or downloaded again." };
        }
    }

    /// <exception cref="FeedException">The image that is asked for has more values than an array holds.</exception>
    private static void CheckSize(int height, int width, int rows, int channels)
    {
        if ((long)width * channels * rows > Array.MaxLength / sizeof(float))
            throw new FeedException($"an image of {height} × {width} pixels is too large");
    }

    /// <summary>Bilinear interpolation between pixel centres; when shrinking, each result averages what is under it.</summary>
    private static float[] Resize(ushort[] pixels, int height, int width, int channels, int newHeight, int newWidth)
    {
        var rows = Weights(height, newHeight);
        var columns = Weights(width, newWidth);
        float[] narrow = new float[height * newWidth * channels];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < newWidth; x++)
            {
                foreach (var (source, weight) in columns[x])
                {
                    for (int c = 0; c < channels; c++)
                        narrow[(((y * newWidth) + x) * channels) + c] += weight * pixels[(((y * width) + source) * channels) + c];
                }
            }
        }
        int rowLength = newWidth * channels;
        float[] result = new float[newHeight * rowLength];
        for (int y = 0; y < newHeight; y++)
        {
            foreach (var (source, weight) in rows[y])
            {
                for (int i = 0; i < rowLength; i++)
                    result[(y * rowLength) + i] += weight * narrow[(source * rowLength) + i];
            }
        }
        return result;
    }

    private static List<(int Source, float Weight)>[] Weights(int size, int newSize)
    {
        var weights = new List<(int Source, float Weight)>[newSize];
        double ratio = (double)size / newSize;
        double reach = Math.Max(ratio, 1);
        for (int i = 0; i < newSize; i++)
        {
            double centre = (i + 0.5) * ratio;
            var taps = new List<(int Source, float Weight)>();
            for (int source = (int)Math.Floor(centre - reach); source <= (int)Math.Ceiling(centre + reach); source++)
            {
                double weight = 1 - (Math.Abs(source + 0.5 - centre) / reach);
                if (source >= 0 && source < size && weight > 0)
                    taps.Add((source, (float)weight));
            }
            float sum = taps.Sum(tap => tap.Weight);
            weights[i] = [.. taps.Select(tap => (tap.Source, tap.Weight / sum))];
        }
        return weights;
    }
}
