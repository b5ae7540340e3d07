using System.Buffers.Binary;

namespace TransformFramework.Toolkit.Images;

/// <summary>Uncompressed bitmaps of 8 (grey), 24 and 32 bits a pixel.</summary>
internal static class BmpDecoder
{
    private const int HeaderBytes = 32;
    private const int BitFields = 3;

    public static bool Recognizes(ReadOnlySpan<byte> data) => data.StartsWith("BM"u8);

    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <param name="data">The file.</param>
    /// <param name="expandsPalette">Takes 8 bits for numbers of colours where a palette is; for grey without it, as TensorFlow does.</param>
    public static RawImage Decode(ReadOnlySpan<byte> data, bool expandsPalette = false)
    {
        if (data.Length < HeaderBytes)
            throw new InvalidDataException($"Incomplete bmp content, requires at least {HeaderBytes} bytes to find the header size, width, height, and bpp, got {data.Length} bytes");
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(data[10..]);
        int width = BinaryPrimitives.ReadInt32LittleEndian(data[18..]);
        int signedHeight = BinaryPrimitives.ReadInt32LittleEndian(data[22..]);
        int bits = BinaryPrimitives.ReadInt16LittleEndian(data[28..]);
        if (bits is not (8 or 24 or 32))
            throw new InvalidDataException($"bitmaps of {bits} bits a pixel are not supported; those of 8, 24 and 32 are");
        int compression = data.Length >= HeaderBytes + 2 ? BinaryPrimitives.ReadInt32LittleEndian(data[30..]) : 0;
        if (compression is not (0 or BitFields))
            throw new InvalidDataException("compressed bitmaps are not supported");
        int channels = bits / 8;
        RawImage image = RawImage.Of(width, Math.Abs((long)signedHeight), channels, 8);
        long rowBytes = ((((long)width * channels) + 3) / 4) * 4;
        if (offset + (rowBytes * (image.Height - 1)) + ((long)width * channels) > data.Length)
            throw new InvalidDataException($"Incomplete bmp content, requires {offset + (rowBytes * image.Height)} bytes, got {data.Length} bytes");
        for (int y = 0; y < image.Height; y++)
        {
            int stored = signedHeight > 0 ? image.Height - 1 - y : y;
            ReadOnlySpan<byte> row = data[(int)(offset + (rowBytes * stored))..];
            for (int i = 0; i < width * channels; i++)
            {
                int channel = i % channels;
                int from = channels >= 3 && channel < 3 ? i - channel + 2 - channel : i;
                image.Samples[(y * width * channels) + i] = row[from];
            }
        }
        return expandsPalette && bits == 8 ? Expand(image, data) : image;
    }

    /// <summary>Colours of the palette, four bytes each behind the headers, in place of their numbers.</summary>
    private static RawImage Expand(RawImage image, ReadOnlySpan<byte> data)
    {
        const int fileHeader = 14;
        long start = fileHeader + (long)BinaryPrimitives.ReadUInt32LittleEndian(data[fileHeader..]);
        RawImage colours = RawImage.Of(image.Width, image.Height, 3, 8);
        for (int i = 0; i < image.Samples.Length; i++)
        {
            long entry = start + (4L * image.Samples[i]);
            if (entry + 3 > data.Length)
                throw new InvalidDataException($"colour {image.Samples[i]} is not in the palette");
            for (int c = 0; c < 3; c++)
                colours.Samples[(3 * i) + c] = data[(int)entry + 2 - c];
        }
        return colours;
    }
}
