using System.Buffers.Binary;
using System.IO.Compression;

namespace TransformFramework.Toolkit.Images;

/// <summary>PNG images of every colour type, depth and interlacing (W3C Recommendation "Portable Network Graphics", 2003), to 8 or 16 bits a sample; palettes to colours.</summary>
internal static class PngDecoder
{
    private const int Grey = 0;
    private const int Colours = 2;
    private const int Palette = 3;
    private const int GreyAlpha = 4;
    private const int ColoursAlpha = 6;

    private static readonly (int X, int Y, int StepX, int StepY)[] Passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    public static bool Recognizes(ReadOnlySpan<byte> data) => data.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);

    /// <param name="data">The file.</param>
    /// <param name="channels">Channels that are wanted, 0 for those of the file: with 2 or 4 a transparent colour becomes alpha, and with 0 that of a palette.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static RawImage Decode(ReadOnlyMemory<byte> data, int channels)
    {
        try
        {
            Chunks chunks = Chunks.Read(data.Span);
            RawImage image = Unpack(chunks, chunks.ReadHeader());
            if (chunks.ColourType == Palette)
                return chunks.Expand(image, wantsAlpha: channels % 2 == 0);
            return channels is 2 or 4 ? chunks.WithTransparentColour(image) : image;
        }
        catch (Exception error) when (error is IndexOutOfRangeException or ArgumentOutOfRangeException or IOException or OverflowException)
        {
            throw new InvalidDataException($"Invalid PNG data, size {data.Length}: it is cut short or damaged", error);
        }
    }

    /// <summary>Samples as they are stored, one a pixel for palettes; those of less than 8 grey bits spread to 8.</summary>
    private static RawImage Unpack(Chunks chunks, (int Width, int Height, int Depth, bool IsInterlaced) header)
    {
        int channels = chunks.ColourType switch { Grey or Palette => 1, GreyAlpha => 2, Colours => 3, ColoursAlpha => 4, _ => throw new InvalidDataException($"colour type {chunks.ColourType}") };
        bool fits = header.Depth switch { 8 => true, 16 => chunks.ColourType != Palette, 1 or 2 or 4 => channels == 1, _ => false };
        if (!fits)
            throw new InvalidDataException($"{header.Depth} bits of colour type {chunks.ColourType}");
        RawImage image = RawImage.Of(header.Width, header.Height, channels, header.Depth == 16 ? 16 : 8);
        using var inflated = new ZLibStream(new MemoryStream(chunks.Data.ToArray()), CompressionMode.Decompress);
        int spread = chunks.ColourType == Palette || header.Depth >= 8 ? 1 : 255 / ((1 << header.Depth) - 1);
        foreach (var (x, y, stepX, stepY) in header.IsInterlaced ? Passes : [(0, 0, 1, 1)])
        {
            int width = (header.Width - x + stepX - 1) / stepX;
            int height = (header.Height - y + stepY - 1) / stepY;
            if (width <= 0 || height <= 0)
                continue;
            byte[] row = new byte[((width * channels * header.Depth) + 7) / 8];
            byte[] above = new byte[row.Length];
            int pixelBytes = Math.Max(1, channels * header.Depth / 8);
            for (int r = 0; r < height; r++)
            {
                int filter = inflated.ReadByte();
                inflated.ReadExactly(row);
                Unfilter(filter, row, above, pixelBytes);
                for (int i = 0; i < width * channels; i++)
                {
                    int at = ((((y + (r * stepY)) * header.Width) + x + (i / channels * stepX)) * channels) + (i % channels);
                    image.Samples[at] = (ushort)(Sample(row, i, header.Depth) * spread);
                }
                (row, above) = (above, row);
            }
        }
        return image;
    }

    private static int Sample(byte[] row, int i, int depth) => depth switch
    {
        16 => (row[2 * i] << 8) | row[(2 * i) + 1],
        8 => row[i],
        _ => (row[i * depth / 8] >> (8 - depth - (i * depth % 8))) & ((1 << depth) - 1),
    };

    private static void Unfilter(int filter, byte[] row, byte[] above, int pixelBytes)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= pixelBytes ? row[i - pixelBytes] : 0;
            int corner = i >= pixelBytes ? above[i - pixelBytes] : 0;
            row[i] += filter switch
            {
                0 => 0,
                1 => (byte)left,
                2 => above[i],
                3 => (byte)((left + above[i]) / 2),
                4 => Paeth(left, above[i], corner),
                _ => throw new InvalidDataException($"filter {filter}"),
            };
        }
    }

    private static byte Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        int toLeft = Math.Abs(estimate - left);
        int toAbove = Math.Abs(estimate - above);
        int toCorner = Math.Abs(estimate - corner);
        return (byte)(toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner);
    }

    /// <summary>The chunks that decoding needs.</summary>
    private sealed class Chunks
    {
        private byte[] header = [];
        private byte[] palette = [];
        private byte[] transparency = [];

        public int ColourType => header[9];

        public MemoryStream Data { get; } = new();

        public static Chunks Read(ReadOnlySpan<byte> data)
        {
            const int signature = 8;
            const int frame = 12;
            var chunks = new Chunks();
            for (int at = signature; at + frame <= data.Length;)
            {
                int length = BinaryPrimitives.ReadInt32BigEndian(data[at..]);
                if (length < 0 || length > data.Length - at - frame)
                    throw new InvalidDataException("a chunk is cut short");
                ReadOnlySpan<byte> content = data.Slice(at + 8, length);
                switch (System.Text.Encoding.ASCII.GetString(data.Slice(at + 4, 4)))
                {
                    case "IHDR":
                        chunks.header = content.ToArray();
                        break;
                    case "PLTE":
                        chunks.palette = content.ToArray();
                        break;
                    case "tRNS":
                        chunks.transparency = content.ToArray();
                        break;
                    case "IDAT":
                        chunks.Data.Write(content);
                        break;
                    case "IEND":
                        return chunks;
                }
                at += length + frame;
            }
            return chunks;
        }

        public (int Width, int Height, int Depth, bool IsInterlaced) ReadHeader()
        {
            if (header.Length < 13)
                throw new InvalidDataException("the header is missing");
            return (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)), header[8], header[12] == 1);
        }

        /// <summary>Colours of the palette in place of its numbers.</summary>
        public RawImage Expand(RawImage image, bool wantsAlpha)
        {
            bool hasAlpha = wantsAlpha && transparency.Length > 0;
            RawImage colours = RawImage.Of(image.Width, image.Height, hasAlpha ? 4 : 3, 8);
            for (int i = 0; i < image.Samples.Length; i++)
            {
                int entry = image.Samples[i];
                if ((3 * entry) + 2 >= palette.Length)
                    throw new InvalidDataException($"colour {entry} is not in the palette");
                for (int c = 0; c < 3; c++)
                    colours.Samples[(i * colours.Channels) + c] = palette[(3 * entry) + c];
                if (hasAlpha)
                    colours.Samples[(i * 4) + 3] = entry < transparency.Length ? transparency[entry] : byte.MaxValue;
            }
            return colours;
        }

        /// <summary>One colour becomes transparent, where the file names one.</summary>
        public RawImage WithTransparentColour(RawImage image)
        {
            if (transparency.Length < 2 * image.Channels || image.Channels % 2 == 0)
                return image;
            RawImage result = image.WithChannels(image.Channels + 1);
            int depth = header[8];
            int spread = depth >= 8 ? 1 : 255 / ((1 << depth) - 1);
            for (int i = 0; i < image.Width * image.Height; i++)
            {
                bool isTransparent = true;
                for (int c = 0; c < image.Channels; c++)
                    isTransparent &= image.Samples[(i * image.Channels) + c] == BinaryPrimitives.ReadUInt16BigEndian(transparency.AsSpan(2 * c)) * spread;
                if (isTransparent)
                    result.Samples[(i * result.Channels) + image.Channels] = 0;
            }
            return result;
        }
    }
}
