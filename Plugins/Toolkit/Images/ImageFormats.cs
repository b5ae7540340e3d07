namespace TransformFramework.Toolkit.Images;

/// <summary>Decodes an image of any format that there is a decoder for, told by its first bytes.</summary>
internal static class ImageFormats
{
    /// <summary>The image, or the first frame of an animation, upright, with the wanted number of channels and 8 bits a sample.</summary>
    /// <param name="data">The file.</param>
    /// <param name="channels">1, 3 or 4.</param>
    /// <param name="cancellation">Ends the decoding.</param>
    /// <exception cref="InvalidDataException">The data is no such image, damaged, cut short or too large.</exception>
    public static RawImage Decode(ReadOnlyMemory<byte> data, int channels, CancellationToken cancellation)
    {
        RawImage image = Read(data, channels, cancellation).WithChannels(channels);
        return image.Bits == 8 ? image : image with { Bits = 8, Samples = Array.ConvertAll(image.Samples, sample => (ushort)(sample >> 8)) };
    }

    private static RawImage Read(ReadOnlyMemory<byte> data, int channels, CancellationToken cancellation)
    {
        if (data.IsEmpty)
            throw new InvalidDataException("it is empty");
        if (JpegDecoder.Recognizes(data.Span))
        {
            var options = new JpegOptions(channels == 1 ? 1 : 3, Ratio: 1, IsFancy: true, RecoversTruncated: false, IsFast: false) { IsLenient = true };
            return ExifOrientation.Apply(JpegDecoder.Decode(data, options, cancellation), ExifOrientation.Of(data.Span));
        }
        if (PngDecoder.Recognizes(data.Span))
            return PngDecoder.Decode(data, channels);
        if (GifDecoder.Recognizes(data.Span))
            return GifDecoder.Decode(data.Span, cancellation, mostFrames: 1)[0];
        return BmpDecoder.Recognizes(data.Span)
            ? BmpDecoder.Decode(data.Span, expandsPalette: true)
            : throw new InvalidDataException("it is no JPEG, PNG, GIF or BMP image");
    }
}
