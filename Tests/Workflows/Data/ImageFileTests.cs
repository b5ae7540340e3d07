using BitMiracle.LibJpeg.Classic;
using TransformFramework.Graphs;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Tests.Data;

/// <summary>Images of 16 columns and 8 rows, whose left half is black and whose right half is white.</summary>
public sealed class ImageFileTests : IDisposable
{
    private const int Columns = 16;
    private const int Rows = 8;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("images");

    [Theory]
    [InlineData(1, Rows, Columns, 0, 255)]
    [InlineData(2, Rows, Columns, 255, 0)]
    [InlineData(3, Rows, Columns, 255, 0)]
    [InlineData(4, Rows, Columns, 0, 255)]
    [InlineData(5, Columns, Rows, 0, 255)]
    [InlineData(6, Columns, Rows, 0, 255)]
    [InlineData(7, Columns, Rows, 255, 0)]
    [InlineData(8, Columns, Rows, 255, 0)]
    public void A_image_is_turned_as_the_camera_was_held(int orientation, int height, int width, int first, int last)
    {
        Tensor image = Read("a.jpg", Jpeg(orientation));
        Assert.Equal(TensorShape.Of(1, height, width, 3), image.Shape);
        Assert.InRange(image.AsSpan<byte>()[0], Math.Max(0, first - 10), Math.Min(255, first + 10));
        Assert.InRange(image.AsSpan<byte>()[^1], Math.Max(0, last - 10), Math.Min(255, last + 10));
    }

    [Theory]
    [InlineData("cut.jpg", 60)]
    [InlineData("garbage.jpg", 6)]
    public void A_image_that_is_cut_short_is_refused(string name, int lost)
    {
        FeedException refusal = Assert.Throws<FeedException>(() => Read(name, Jpeg(orientation: 1)[..^lost]));
        Assert.Contains($"{name}' is not an image that can be read", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_image_is_refused() =>
        Assert.Contains("no JPEG, PNG, GIF or BMP", Assert.Throws<FeedException>(() => Read("a.png", "hello world"u8.ToArray())).Message, StringComparison.Ordinal);

    [Fact]
    public void A_bitmap_of_gigantic_size_is_refused_before_memory_is_taken()
    {
        byte[] header = new byte[60];
        "BM"u8.CopyTo(header);
        BitConverter.TryWriteBytes(header.AsSpan(10), 54);
        BitConverter.TryWriteBytes(header.AsSpan(18), 1_000_000);
        BitConverter.TryWriteBytes(header.AsSpan(22), 1_000_000);
        header[28] = 24;
        Assert.Contains("too large", Assert.Throws<FeedException>(() => Read("a.bmp", header)).Message, StringComparison.Ordinal);
    }

    /// <summary>A pixel of red 30, green 20 and blue 10.</summary>
    [Theory]
    [InlineData("", "30 20 10")]
    [InlineData("order=bgr", "10 20 30")]
    [InlineData("mean=10", "20 10 0")]
    [InlineData("mean=1,2,3&scale=2,1,1&divide=1,9,7", "58 2 1")]
    [InlineData("order=bgr&mean=10,20,30", "0 0 0")]
    public void Numbers_are_for_all_colours_or_one_for_each_in_either_layout(string query, string expected)
    {
        var options = ImageOptions.Parse(query);
        foreach (TensorShape shape in (TensorShape[])[TensorShape.Of(1, 1, 1, 3), TensorShape.Of(3, -1, -1)])
        {
            Tensor image = ImageFile.Decode("a.bmp", Pixel, options, DataType.Float, shape);
            Assert.Equal(expected, string.Join(' ', image.AsSpan<float>().ToArray()));
        }
        Assert.Equal(TensorShape.Of(1, 3, 2, 2), ImageFile.Decode("a.bmp", Pixel, options, DataType.Float, TensorShape.Of(-1, 3, 2, 2)).Shape);
        if (!options.IsBgr)
            Assert.Equal(expected, string.Join(' ', options.Prepare(Tensor.Create<byte>(DataType.UInt8, TensorShape.Of(1, 3, 1, 1), [30, 20, 10]), DataType.Float).AsSpan<float>().ToArray()));
    }

    [Theory]
    [InlineData("mean=1,2", "mean has 2 numbers, and there are 3 colours")]
    [InlineData("order=grb", "order is rgb or bgr, not 'grb'")]
    [InlineData("std=2", "an image has no option 'std'")]
    [InlineData("mean=", "'' is not a number")]
    [InlineData("scale=NaN", "'NaN' is not a number")]
    [InlineData("divide=255,0,255", "divide is not 0")]
    public void Options_that_do_not_fit_are_refused(string query, string message) =>
        Assert.Contains(message, Assert.Throws<FeedException>(() => ImageFile.Decode("a.bmp", Pixel, ImageOptions.Parse(query), DataType.Float, TensorShape.Unknown)).Message, StringComparison.Ordinal);

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>A bitmap of one pixel.</summary>
    private static byte[] Pixel
    {
        get
        {
            byte[] bitmap = new byte[58];
            "BM"u8.CopyTo(bitmap);
            foreach (var (at, value) in ((int, int)[])[(2, 58), (10, 54), (14, 40), (18, 1), (22, 1), (26, 1 | (24 << 16)), (34, 4), (54, 10 | (20 << 8) | (30 << 16))])
                BitConverter.TryWriteBytes(bitmap.AsSpan(at), value);
            return bitmap;
        }
    }

    private Tensor Read(string name, byte[] bytes)
    {
        string path = Path.Combine(folder.FullName, name);
        File.WriteAllBytes(path, bytes);
        return ImageFile.Read(path, ImageOptions.Parse(""), DataType.UInt8, TensorShape.Unknown);
    }

    private static byte[] Jpeg(int orientation)
    {
        using var stream = new MemoryStream();
        var encoder = new jpeg_compress_struct(new jpeg_error_mgr()) { Image_width = Columns, Image_height = Rows, Input_components = 3, In_color_space = J_COLOR_SPACE.JCS_RGB };
        encoder.jpeg_stdio_dest(stream);
        encoder.jpeg_set_defaults();
        encoder.jpeg_start_compress(true);
        byte[] exif = [.. "Exif\0\0II"u8, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0];
        encoder.jpeg_write_marker(0xE1, exif);
        byte[] row = [.. Enumerable.Range(0, Columns * 3).Select(i => (byte)(i < Columns * 3 / 2 ? 0 : 255))];
        for (int y = 0; y < Rows; y++)
            encoder.jpeg_write_scanlines([row], 1);
        encoder.jpeg_finish_compress();
        return stream.ToArray();
    }
}
