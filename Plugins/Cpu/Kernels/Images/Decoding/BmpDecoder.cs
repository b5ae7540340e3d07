using System.Buffers.Binary;

namespace TransformFramework.Cpu.Kernels.Images.Decoding;

/// <summary>Uncompressed bitmaps of 8 (grey), 24 and 32 bits a pixel.</summary>
internal static class BmpDecoder
{
    private const int HeaderBytes = 32;

    public static bool Recognizes(ReadOnlySpan<byte> data) => data.StartsWith("BM"u8);

    /// <exception cref="TransformFramework.Execution.ExecutionException">InvalidArgument: the file is damaged.</exception>
    public static RawImage Decode(ReadOnlySpan<byte> data)
    {
        if (data.Length < HeaderBytes)
            throw Refuse.Invalid($"Incomplete bmp content, requires at least {HeaderBytes} bytes to find the header size, width, height, and bpp, got {data.Length} bytes");
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(data[10..]);
        int width = BinaryPrimitives.ReadInt32LittleEndian(data[18..]);
        int signedHeight = BinaryPrimitives.ReadInt32LittleEndian(data[22..]);
        int bits = BinaryPrimitives.ReadInt16LittleEndian(data[28..]);
        if (bits is not (8 or 24 or 32))
            throw Refuse.Invalid($"bitmaps of {bits} bits a pixel are not supported; those of 8, 24 and 32 are");
        int channels = bits / 8;
        RawImage image = RawImage.Of(width, Math.Abs((long)signedHeight), channels, 8);
        long rowBytes = ((((long)width * channels) + 3) / 4) * 4;
        if (offset + (rowBytes * (image.Height - 1)) + ((long)width * channels) > data.Length)
            throw Refuse.Invalid($"Incomplete bmp content, requires {offset + (rowBytes * image.Height)} bytes, got {data.Length} bytes");
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
        return image;
    }
}
