using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using StbImageSharp;
using TransformFramework.Engine;

namespace TransformFramework.Examples;

/// <summary>A class with its score.</summary>
/// <param name="Name">The digit.</param>
/// <param name="Score">From 0 to 1.</param>
internal sealed record Class(string Name, float Score);

/// <summary>Images in, classes out. Each request has buffers of its own while it runs; they are used again.</summary>
internal sealed class Classifier(Session session)
{
    private const int MostBytes = 1 << 20;
    private const int MostPixels = 1 << 22;
    private const int Side = 32;
    private const int Top = 3;

    private readonly ConcurrentBag<SessionBuffers> pool = [];

    /// <summary>The most likely digits of an image (PNG, JPEG, BMP).</summary>
    /// <exception cref="InvalidDataException">It is no image, or too large.</exception>
    public async Task<Class[]> ClassifyAsync(Stream body, CancellationToken cancellation)
    {
        using var content = new MemoryStream();
        byte[] block = new byte[1 << 14];
        for (int read = await body.ReadAsync(block, cancellation); read > 0; read = await body.ReadAsync(block, cancellation))
        {
            if (content.Length + read > MostBytes)
                throw new InvalidDataException($"an image has at most {MostBytes} bytes");
            content.Write(block, 0, read);
        }
        return Classify(Decode(content.ToArray()), cancellation);
    }

    private Class[] Classify(ImageResult image, CancellationToken cancellation)
    {
        SessionBuffers buffers = pool.TryTake(out SessionBuffers? used) ? used : session.CreateBuffers();
        Resize(image, buffers.Input<float>(session.Inputs[0].Name));
        buffers.Run(cancellation);
        ReadOnlySpan<float> scores = buffers.Output<float>(session.Outputs[0].Name);
        var classes = new List<Class>(scores.Length);
        for (int i = 0; i < scores.Length; i++)
            classes.Add(new($"{i}", scores[i]));
        pool.Add(buffers);
        return [.. classes.OrderByDescending(candidate => candidate.Score).Take(Top)];
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

    /// <summary>The mean of each cell of the image, from 0 to 1.</summary>
    private static void Resize(ImageResult image, Span<float> pixels)
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
}

[JsonSerializable(typeof(Class[]))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ResponseJson : JsonSerializerContext;
