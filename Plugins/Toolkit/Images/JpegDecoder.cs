using BitMiracle.LibJpeg.Classic;

namespace TransformFramework.Toolkit.Images;

/// <summary>How a JPEG is decoded.</summary>
/// <param name="Channels">1 grey, 3 colours, 0 as stored.</param>
/// <param name="Ratio">Downscaling: 1, 2, 4 or 8.</param>
/// <param name="IsFancy">Smooth upsampling of the chroma planes.</param>
/// <param name="RecoversTruncated">A file that is cut short gives what there is.</param>
/// <param name="IsFast">The faster, less exact inverse transform.</param>
internal readonly record struct JpegOptions(int Channels, int Ratio, bool IsFancy, bool RecoversTruncated, bool IsFast)
{
    /// <summary>Takes a file with flaws that leave the image whole, such as stray bytes between segments.</summary>
    public bool IsLenient { get; init; }
}

/// <summary>JPEG images by a managed port of libjpeg, with its arithmetic.</summary>
internal static class JpegDecoder
{
    /// <summary>Scans of the longest progressive file: each goes over the whole image, however few bytes it has.</summary>
    private const int MaxScans = 500;

    public static bool Recognizes(ReadOnlySpan<byte> data) => data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static RawImage Decode(ReadOnlyMemory<byte> data, JpegOptions options, CancellationToken cancellation)
    {
        try
        {
            if (Scans(data.Span) > MaxScans)
                throw new InvalidDataException($"it has more than {MaxScans} scans");
            var decoder = Open(data, new Errors(options.RecoversTruncated, options.IsLenient));
            bool isFourInks = decoder.Jpeg_color_space is J_COLOR_SPACE.JCS_CMYK or J_COLOR_SPACE.JCS_YCCK;
            int channels = options.Channels > 0 ? options.Channels : isFourInks ? 3 : decoder.Num_components;
            decoder.Out_color_space = isFourInks ? J_COLOR_SPACE.JCS_CMYK : channels == 1 ? J_COLOR_SPACE.JCS_GRAYSCALE : J_COLOR_SPACE.JCS_RGB;
            decoder.Scale_num = 1;
            decoder.Scale_denom = options.Ratio;
            decoder.Do_fancy_upsampling = options.IsFancy;
            decoder.Dct_method = options.IsFast ? J_DCT_METHOD.JDCT_IFAST : J_DCT_METHOD.JDCT_ISLOW;
            decoder.jpeg_calc_output_dimensions();
            RawImage image = RawImage.Of(decoder.Output_width, decoder.Output_height, channels, 8);
            decoder.jpeg_start_decompress();
            byte[][] row = [new byte[decoder.Output_width * decoder.Output_components]];
            for (int y = 0; y < image.Height; y++)
            {
                cancellation.ThrowIfCancellationRequested();
                decoder.jpeg_read_scanlines(row, 1);
                Store(row[0], image, y, isFourInks, isFourInks && IsAdobe(data.Span));
            }
            return image;
        }
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
        {
            throw new InvalidDataException($"Invalid JPEG data or crop window, data size {data.Length}: {error.Message}", error);
        }
    }

    /// <summary>Height, width and number of components, from the header alone.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static (int Height, int Width, int Components) ReadSize(ReadOnlyMemory<byte> data)
    {
        try
        {
            var decoder = Open(data, new Errors(recoversTruncated: true, isLenient: true));
            return (decoder.Image_height, decoder.Image_width, decoder.Num_components);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new InvalidDataException($"Invalid JPEG data, size {data.Length}: {error.Message}", error);
        }
    }

    private static jpeg_decompress_struct Open(ReadOnlyMemory<byte> data, Errors errors)
    {
        var decoder = new jpeg_decompress_struct(errors);
        decoder.jpeg_stdio_src(new MemoryStream(data.ToArray()));
        decoder.jpeg_read_header(true);
        return decoder;
    }

    private static int Scans(ReadOnlySpan<byte> data) => data.Count((ReadOnlySpan<byte>)[0xFF, 0xDA]);

    /// <summary>True when a segment APP14 of Adobe is in the file.</summary>
    private static bool IsAdobe(ReadOnlySpan<byte> data)
    {
        int at = data.IndexOf("Adobe"u8);
        return at >= 4 && data[at - 4] == 0xFF && data[at - 3] == 0xEE;
    }

    /// <summary>Four inks become colours: inverted inks, as Adobe writes them, by products; others by their complements.</summary>
    private static void Store(byte[] row, RawImage image, int y, bool isFourInks, bool isInverted)
    {
        int start = y * image.Width * image.Channels;
        if (!isFourInks)
        {
            for (int i = 0; i < image.Width * image.Channels; i++)
                image.Samples[start + i] = row[i];
            return;
        }
        for (int x = 0; x < image.Width; x++)
        {
            int black = row[(4 * x) + 3];
            for (int c = 0; c < image.Channels; c++)
            {
                int ink = row[(4 * x) + c];
                image.Samples[start + (x * image.Channels) + c] = (ushort)(isInverted ? black * ink / 255 : (255 - black) * (255 - ink) / 255);
            }
        }
    }

    /// <summary>Errors as exceptions, and nothing written to the console; a file that is cut short is one unless it is to be recovered.</summary>
    private sealed class Errors(bool recoversTruncated, bool isLenient) : jpeg_error_mgr
    {
        public override void error_exit() => throw new InvalidDataException(format_message());

        public override void emit_message(int level)
        {
            if (level >= 0 || recoversTruncated)
                return;
            string message = format_message();
            if (!isLenient || message.Contains("premature end", StringComparison.OrdinalIgnoreCase))
                throw new InvalidDataException(message);
        }

        public override void output_message()
        {
        }
    }
}
