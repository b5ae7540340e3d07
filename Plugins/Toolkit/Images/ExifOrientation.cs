using System.Buffers.Binary;

namespace TransformFramework.Toolkit.Images;

/// <summary>How a camera held the image: the tag Orientation (0x0112) of a JPEG's Exif segment (JEITA CP-3451).</summary>
internal static class ExifOrientation
{
    private const int Upright = 1;
    private const int Exif = 0xE1;
    private const int StartOfScan = 0xDA;
    private const ushort OrientationTag = 0x0112;
    private const int EntryBytes = 12;

    /// <summary>1 to 8 as the tag has it; 1 without the tag.</summary>
    public static int Of(ReadOnlySpan<byte> jpeg)
    {
        for (int at = 2; at + 4 <= jpeg.Length && jpeg[at] == 0xFF && jpeg[at + 1] != StartOfScan;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(jpeg[(at + 2)..]);
            if (length < 2 || at + 2 + length > jpeg.Length)
                return Upright;
            ReadOnlySpan<byte> segment = jpeg.Slice(at + 4, length - 2);
            if (jpeg[at + 1] == Exif && segment.StartsWith("Exif\0\0"u8))
                return OfTags(segment[6..]);
            at += 2 + length;
        }
        return Upright;
    }

    /// <summary>The image as it was seen: its rows and columns by the tag's value.</summary>
    public static RawImage Apply(RawImage image, int orientation)
    {
        if (orientation is <= Upright or > 8)
            return image;
        bool isTurned = orientation >= 5;
        RawImage result = image with { Width = isTurned ? image.Height : image.Width, Height = isTurned ? image.Width : image.Height, Samples = new ushort[image.Samples.Length] };
        int lastX = image.Width - 1;
        int lastY = image.Height - 1;
        for (int y = 0; y < result.Height; y++)
        {
            for (int x = 0; x < result.Width; x++)
            {
                var (fromX, fromY) = orientation switch
                {
                    2 => (lastX - x, y),
                    3 => (lastX - x, lastY - y),
                    4 => (x, lastY - y),
                    5 => (y, x),
                    6 => (y, lastY - x),
                    7 => (lastX - y, lastY - x),
                    _ => (lastX - y, x),
                };
                image.Samples.AsSpan(((fromY * image.Width) + fromX) * image.Channels, image.Channels).CopyTo(result.Samples.AsSpan(((y * result.Width) + x) * image.Channels));
            }
        }
        return result;
    }

    /// <summary>Looks through the first directory of a TIFF structure.</summary>
    private static int OfTags(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8)
            return Upright;
        bool isLittle = tiff[0] == (byte)'I';
        long directory = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory + 2 > tiff.Length)
            return Upright;
        int entries = Short(tiff[(int)directory..], isLittle);
        for (long at = directory + 2; entries > 0 && at + EntryBytes <= tiff.Length; at += EntryBytes, entries--)
        {
            ReadOnlySpan<byte> entry = tiff.Slice((int)at, EntryBytes);
            if (Short(entry, isLittle) == OrientationTag)
                return Short(entry[8..], isLittle);
        }
        return Upright;
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, bool isLittle) => isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
