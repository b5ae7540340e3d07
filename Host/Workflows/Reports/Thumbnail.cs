using StbImageWriteSharp;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Reports;

/// <summary>A small copy of an image tensor, whatever the scale of its values.</summary>
internal static class Thumbnail
{
    private const int MostPixels = 96;

    /// <summary>The copy as a <c>data:</c> address.</summary>
    /// <param name="image">A batch of one: <c>[1, height, width, 1 or 3]</c>, <c>[1, 1 or 3, height, width]</c> or <c>[1, height, width]</c>.</param>
    /// <returns>Null when the tensor is no image.</returns>
    public static string? Of(Tensor image)
    {
        if (image.Type == DataType.String || Layout(image.Shape) is not var (height, width, channels, isChannelsFirst) || height < 2 || width < 2)
            return null;
        float[] values = image.ToSingles();
        if (values.Length != height * width * channels)
            return null;
        float least = values.Min(), spread = Math.Max(values.Max() - least, float.Epsilon);
        int step = Math.Max(1, (Math.Max(height, width) + MostPixels - 1) / MostPixels);
        int rows = height / step, columns = width / step;
        byte[] pixels = new byte[rows * columns * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            int y = i / 3 / columns * step, x = i / 3 % columns * step, channel = Math.Min(i % 3, channels - 1);
            float value = values[isChannelsFirst ? (channel * height + y) * width + x : (y * width + x) * channels + channel];
            pixels[i] = (byte)Math.Clamp((value - least) / spread * 255, 0, 255);
        }
        using var png = new MemoryStream();
        new ImageWriter().WritePng(pixels, columns, rows, ColorComponents.RedGreenBlue, png);
        return "data:image/png;base64," + Convert.ToBase64String(png.ToArray());
    }

    private static (int Height, int Width, int Channels, bool IsChannelsFirst)? Layout(TensorShape shape)
    {
        if (shape.IsUnknownRank || shape.Rank is not (3 or 4) || shape[0] != 1)
            return null;
        if (shape.Rank == 3)
            return ((int)shape[1], (int)shape[2], 1, false);
        if (shape[3] is 1 or 3)
            return ((int)shape[1], (int)shape[2], (int)shape[3], false);
        return shape[1] is 1 or 3 ? ((int)shape[2], (int)shape[3], (int)shape[1], true) : null;
    }
}
