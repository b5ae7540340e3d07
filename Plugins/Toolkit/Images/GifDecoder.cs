using System.Buffers.Binary;

namespace TransformFramework.Toolkit.Images;

/// <summary>GIF animations (CompuServe, "Graphics Interchange Format, version 89a", 1990): every frame drawn over those before it.</summary>
internal static class GifDecoder
{
    private const int MaxCodes = 4096;

    /// <summary>A code, of more than a byte where it stands for so many, gives at most as many pixels as there are codes.</summary>
    private const long MostPixelsOfByte = MaxCodes;

    public static bool Recognizes(ReadOnlySpan<byte> data) => data.StartsWith("GIF8"u8);

    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <param name="data">The file.</param>
    /// <param name="cancellation">Ends the decoding.</param>
    /// <param name="mostFrames">Frames after these are left out.</param>
    public static List<RawImage> Decode(ReadOnlySpan<byte> data, CancellationToken cancellation, int mostFrames = int.MaxValue)
    {
        try
        {
            return new Reader(data).Frames(mostFrames, cancellation);
        }
        catch (Exception error) when (error is IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException($"Invalid GIF data, size {data.Length}: it is cut short or damaged", error);
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> data)
    {
        private readonly ReadOnlySpan<byte> data = data;
        private int at;
        private int transparent = -1;

        public List<RawImage> Frames(int most, CancellationToken cancellation)
        {
            const int header = 13;
            int width = BinaryPrimitives.ReadUInt16LittleEndian(data[6..]);
            int height = BinaryPrimitives.ReadUInt16LittleEndian(data[8..]);
            byte flags = data[10];
            at = header;
            ReadOnlySpan<byte> colours = Colours(flags);
            var frames = new List<RawImage>();
            long samples = 0;
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                switch (data[at++])
                {
                    case 0x21:
                        ReadExtension();
                        break;
                    case 0x2C:
                        frames.Add(Frame(RawImage.Of(width, height, 3, 8), frames.Count > 0 ? frames[^1] : null, colours));
                        samples += frames[^1].Samples.Length;
                        if (samples > 1L << 28)
                            throw new InvalidDataException("the animation is too large");
                        if (frames.Count == most)
                            return frames;
                        break;
                    case 0x3B when frames.Count > 0:
                        return frames;
                    default:
                        throw new InvalidDataException("a block of an unknown kind");
                }
            }
        }

        private ReadOnlySpan<byte> Colours(byte flags)
        {
            if ((flags & 0x80) == 0)
                return default;
            ReadOnlySpan<byte> colours = data.Slice(at, 3 << ((flags & 7) + 1));
            at += colours.Length;
            return colours;
        }

        private void ReadExtension()
        {
            bool isControl = data[at++] == 0xF9;
            if (isControl && data[at] >= 4)
                transparent = (data[at + 1] & 1) == 1 ? data[at + 4] : -1;
            while (data[at] != 0)
                at += data[at] + 1;
            at++;
        }

        private RawImage Frame(RawImage frame, RawImage? before, ReadOnlySpan<byte> globalColours)
        {
            int left = BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);
            int top = BinaryPrimitives.ReadUInt16LittleEndian(data[(at + 2)..]);
            int width = BinaryPrimitives.ReadUInt16LittleEndian(data[(at + 4)..]);
            int height = BinaryPrimitives.ReadUInt16LittleEndian(data[(at + 6)..]);
            byte flags = data[at + 8];
            at += 9;
            ReadOnlySpan<byte> local = Colours(flags);
            ReadOnlySpan<byte> colours = local.IsEmpty ? globalColours : local;
            before?.Samples.CopyTo(frame.Samples, 0);
            long pixels = (long)width * height;
            if (pixels > (data.Length - at) * MostPixelsOfByte)
                throw new InvalidDataException("a frame is cut short");
            byte[] numbers = Numbers((int)pixels);
            for (int i = 0; i < numbers.Length; i++)
            {
                int row = (flags & 0x40) != 0 ? InterlacedRow(i / width, height) : i / width;
                int x = left + (i % width);
                int y = top + row;
                if (numbers[i] == transparent || x >= frame.Width || y >= frame.Height)
                    continue;
                for (int c = 0; c < 3; c++)
                    frame.Samples[(((y * frame.Width) + x) * 3) + c] = colours[(numbers[i] * 3) + c];
            }
            transparent = -1;
            return frame;
        }

        private static int InterlacedRow(int stored, int height)
        {
            foreach (var (first, step) in new[] { (0, 8), (4, 8), (2, 4), (1, 2) })
            {
                int rows = (height - first + step - 1) / step;
                if (stored < rows)
                    return first + (stored * step);
                stored -= Math.Max(0, rows);
            }
            return height;
        }

        /// <summary>The colour numbers of a frame, decompressed (LZW with codes of 3 to 12 bits).</summary>
        private byte[] Numbers(int count)
        {
            int smallest = data[at++];
            if (smallest is < 1 or > 8)
                throw new InvalidDataException($"codes of {smallest} bits");
            var numbers = new byte[count];
            int clear = 1 << smallest;
            Span<short> prefix = stackalloc short[MaxCodes];
            Span<byte> suffix = stackalloc byte[MaxCodes];
            Span<byte> chain = stackalloc byte[MaxCodes + 1];
            int written = 0;
            int bits = 0;
            int buffer = 0;
            int width = smallest + 1;
            int next = clear + 2;
            int previous = -1;
            byte first = 0;
            int blockEnd = at;
            while (true)
            {
                while (bits < width)
                {
                    if (at == blockEnd)
                    {
                        int length = data[at++];
                        if (length == 0)
                            return written == count ? numbers : throw new InvalidDataException("a frame is cut short");
                        blockEnd = at + length;
                    }
                    buffer |= data[at++] << bits;
                    bits += 8;
                }
                int code = buffer & ((1 << width) - 1);
                buffer >>= width;
                bits -= width;
                if (code == clear)
                {
                    (width, next, previous) = (smallest + 1, clear + 2, -1);
                    continue;
                }
                if (code == clear + 1 || written == count)
                {
                    SkipBlocks(blockEnd);
                    return written == count ? numbers : throw new InvalidDataException("a frame is cut short");
                }
                if (code > next || (code == next && previous < 0))
                    throw new InvalidDataException($"code {code} is not known yet");
                int length0 = 0;
                int current = code;
                if (code == next)
                {
                    chain[length0++] = first;
                    current = previous;
                }
                for (; current >= clear; current = prefix[current])
                    chain[length0++] = suffix[current];
                first = (byte)current;
                chain[length0++] = first;
                while (length0 > 0 && written < count)
                    numbers[written++] = chain[--length0];
                if (previous >= 0 && next < MaxCodes)
                {
                    (prefix[next], suffix[next]) = ((short)previous, first);
                    next++;
                    if (next == 1 << width && width < 12)
                        width++;
                }
                previous = code;
            }
        }

        private void SkipBlocks(int blockEnd)
        {
            at = blockEnd;
            while (data[at] != 0)
                at += data[at] + 1;
            at++;
        }
    }
}
