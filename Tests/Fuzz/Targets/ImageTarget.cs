using System.Buffers.Binary;
using System.IO.Compression;
using BitMiracle.LibJpeg.Classic;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Images;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Images: JPEG (baseline, progressive, with an orientation), PNG, GIF and BMP.</summary>
internal sealed class ImageTarget : FuzzTarget
{
    private const int Size = 24;

    public override string Name => "image";

    public override IReadOnlyList<IModelSourceReader> Readers => [];

    public override IReadOnlyList<Seed> Seeds { get; } =
    [
        new("jpeg", [("x.jpg", Jpeg(isProgressive: false))]),
        new("progressive", [("x.jpg", Jpeg(isProgressive: true))]),
        new("png", [("x.png", Png())]),
        new("gif", [("x.gif", Gif())]),
        new("bmp", [("x.bmp", Bmp())]),
    ];

    public override FuzzOutcome Read(Seed seed, CancellationToken cancellation)
    {
        byte[] bytes = seed.Files[0].Bytes;
        try
        {
            ImageFormats.Decode(bytes, 3, cancellation);
            return FuzzOutcome.Read;
        }
        catch (InvalidDataException)
        {
            bool isKnown = JpegDecoder.Recognizes(bytes) || PngDecoder.Recognizes(bytes) || GifDecoder.Recognizes(bytes) || BmpDecoder.Recognizes(bytes);
            return isKnown ? FuzzOutcome.Recognized : FuzzOutcome.Unrecognized;
        }
    }

    private static byte[] Row(int y) => [.. Enumerable.Range(0, Size * 3).Select(i => (byte)((i * 7) + (y * 11)))];

    private static byte[] Jpeg(bool isProgressive)
    {
        using var stream = new MemoryStream();
        var encoder = new jpeg_compress_struct(new jpeg_error_mgr()) { Image_width = Size, Image_height = Size, Input_components = 3, In_color_space = J_COLOR_SPACE.JCS_RGB };
        encoder.jpeg_stdio_dest(stream);
        encoder.jpeg_set_defaults();
        if (isProgressive)
            encoder.jpeg_simple_progression();
        encoder.jpeg_start_compress(true);
        byte[] exif = [.. "Exif\0\0II"u8, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
        encoder.jpeg_write_marker(0xE1, exif);
        for (int y = 0; y < Size; y++)
            encoder.jpeg_write_scanlines([Row(y)], 1);
        encoder.jpeg_finish_compress();
        return stream.ToArray();
    }

    private static byte[] Png()
    {
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int y = 0; y < Size; y++)
                deflate.Write([(byte)(y % 5), .. Row(y)]);
        }
        byte[] header = [0, 0, 0, Size, 0, 0, 0, Size, 8, 2, 0, 0, 0];
        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, packed.ToArray()), .. Chunk("IEND"u8, [])];
    }

    /// <summary>Without its checksum, at which the decoder does not look.</summary>
    private static byte[] Chunk(ReadOnlySpan<byte> kind, byte[] content)
    {
        byte[] named = [.. kind, .. content];
        byte[] frame = new byte[named.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(frame, content.Length);
        named.CopyTo(frame, 4);
        return frame;
    }

    /// <summary>Two colours, four by four: codes of three bits with a clear code often enough that they stay so.</summary>
    private static byte[] Gif() =>
        [.. "GIF89a"u8, 4, 0, 4, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x21, 0xF9, 4, 1, 0, 0, 1, 0, 0x2C, 0, 0, 0, 0, 4, 0, 4, 0, 0, 2, 6, 0x84, 0x1D, 0x79, 0x91, 0xED, 0x5F, 0, 0x3B];

    private static byte[] Bmp()
    {
        byte[] header = new byte[54];
        "BM"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(2), header.Length + (Size * Size * 3));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(10), header.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(18), Size);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(22), Size);
        header[26] = 1;
        header[28] = 24;
        return [.. header, .. Enumerable.Range(0, Size).SelectMany(Row)];
    }
}
