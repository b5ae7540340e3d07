using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Images;

namespace TransformFramework.Cpu.Kernels.Images;

/// <summary>Images of the formats JPEG, PNG, BMP and GIF as tensors [height, width, channels], animations as [frames, height, width, 3]. Each op takes every format that gives its rank.</summary>
[Kernel("DecodeJpeg", "DecodePng", "DecodeBmp", "DecodeGif", "DecodeImage", "DecodeAndCropJpeg")]
internal sealed class DecodeImage : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        long channels = node.Node.Attributes.TryGetValue("channels", out var value) && value is IntValue { Value: > 0 } given ? given.Value : -1;
        return node.Node.Op switch
        {
            "DecodeGif" => [TensorShape.Of(-1, -1, -1, 3)],
            "DecodeImage" => [TensorShape.Unknown],
            _ => [TensorShape.Of(-1, -1, channels)],
        };
    }

    public Tensor[] Compute(KernelCall call)
    {
        try
        {
            return Decode(call);
        }
        catch (InvalidDataException error)
        {
            throw Refuse.Invalid(error.Message);
        }
    }

    private static Tensor[] Decode(KernelCall call)
    {
        Node node = call.Node;
        Tensor contents = call.Inputs[0];
        if (contents.Shape.Rank != 0)
            throw Refuse.Invalid($"`contents` must be scalar but got shape {contents.Shape}");
        int channels = node.Op == "DecodeGif" ? 3 : node.Int("channels");
        if (channels is not (0 or 1 or 3 or 4))
            throw Refuse.Invalid($"`channels` must be 0, 1, 3 or 4 but got {channels}");
        DataType type = node.Op is "DecodePng" or "DecodeImage" ? node.Type("dtype") : DataType.UInt8;
        ReadOnlyMemory<byte> data = contents.Strings[0];
        if (GifDecoder.Recognizes(data.Span))
            return [Animation(call, data, channels, type)];
        RawImage image = Decode(call, data, ref channels, type);
        RawImage result = node.Op == "DecodeAndCropJpeg" ? Crop(image, Integers.Read(call.Inputs[1])) : image;
        long[] shape = [result.Height, result.Width, channels];
        return [Store(result, type, node.Op == "DecodeGif" ? TensorShape.Of([1, .. shape]) : TensorShape.Of(shape))];
    }

    private static RawImage Decode(KernelCall call, ReadOnlyMemory<byte> data, ref int channels, DataType type)
    {
        if (JpegDecoder.Recognizes(data.Span))
        {
            RawImage image = JpegDecoder.Decode(data, Options(call.Node, channels), call.Cancellation);
            channels = image.Channels;
            return image;
        }
        if (PngDecoder.Recognizes(data.Span))
        {
            RawImage image = PngDecoder.Decode(data, channels);
            channels = channels == 0 ? image.Channels : channels;
            image = image.WithChannels(channels);
            return type == DataType.UInt8 ? Narrow(image) : Widen(image);
        }
        if (BmpDecoder.Recognizes(data.Span))
        {
            RawImage image = BmpDecoder.Decode(data.Span);
            if (channels != 0 && channels != image.Channels)
                throw Refuse.Invalid($"channels attribute {channels} does not match bits per pixel from file {image.Channels * 8}");
            channels = image.Channels;
            return image;
        }
        throw Refuse.Invalid("Unknown image file format. One of JPEG, PNG, GIF, BMP required.");
    }

    private static JpegOptions Options(Node node, int channels)
    {
        if (channels == 4)
            throw Refuse.Invalid("channels must be 0, 1, or 3 for JPEG, got 4");
        if (!node.Attributes.ContainsKey("ratio"))
            return new(channels, 1, IsFancy: true, RecoversTruncated: false, IsFast: false);
        int ratio = node.Int("ratio");
        if (ratio is not (1 or 2 or 4 or 8))
            throw Refuse.Invalid($"ratio must be 1, 2, 4, or 8, got {ratio}");
        return new(channels, ratio, node.Bool("fancy_upscaling"), node.Bool("try_recover_truncated"), node.Text("dct_method") == "INTEGER_FAST");
    }

    private static Tensor Animation(KernelCall call, ReadOnlyMemory<byte> data, int channels, DataType type)
    {
        if (channels is not (0 or 3))
            throw Refuse.Invalid($"channels must be 0 or 3 for GIF, got {channels}");
        List<RawImage> frames = GifDecoder.Decode(data.Span, call.Cancellation);
        bool isOne = call.Node.Op == "DecodeImage" ? !call.Node.Bool("expand_animations") : call.Node.Op != "DecodeGif";
        if (isOne && call.Node.Op != "DecodeImage" && frames.Count > 1)
            throw Refuse.Invalid($"Got {frames.Count} frames, but animated gifs can only be decoded by tf.io.decode_gif or tf.io.decode_image");
        RawImage first = frames[0];
        if (isOne)
            return Store(first, type, TensorShape.Of(first.Height, first.Width, 3));
        RawImage all = first with { Height = first.Height * frames.Count, Samples = [.. frames.SelectMany(frame => frame.Samples)] };
        return Store(all, type, TensorShape.Of(frames.Count, first.Height, first.Width, 3));
    }

    private static RawImage Crop(RawImage image, long[] window)
    {
        bool fits = window is [>= 0, >= 0, > 0, > 0] && window[0] + window[2] <= image.Height && window[1] + window[3] <= image.Width;
        if (!fits)
            throw Refuse.Invalid($"Invalid JPEG data or crop window: [{string.Join(", ", window)}] in an image of {image.Height} rows and {image.Width} columns");
        RawImage result = RawImage.Of(window[3], window[2], image.Channels, image.Bits);
        int run = result.Width * image.Channels;
        for (int y = 0; y < result.Height; y++)
            image.Samples.AsSpan((int)((((window[0] + y) * image.Width) + window[1]) * image.Channels), run).CopyTo(result.Samples.AsSpan(y * run));
        return result;
    }

    /// <summary>The upper 8 of 16 bits.</summary>
    private static RawImage Narrow(RawImage image) => image.Bits == 8 ? image : image with { Bits = 8, Samples = Array.ConvertAll(image.Samples, sample => (ushort)(sample >> 8)) };

    /// <summary>8 bits spread to 16.</summary>
    private static RawImage Widen(RawImage image) => image.Bits == 16 ? image : image with { Bits = 16, Samples = Array.ConvertAll(image.Samples, sample => (ushort)(sample * 257)) };

    /// <summary>Samples in the type that is asked for; of 8 bits, 16-bit integers are multiples of 256, and floats reach from 0 to 1.</summary>
    private static Tensor Store(RawImage image, DataType type, TensorShape shape)
    {
        switch (type)
        {
            case DataType.UInt8:
                return Tensor.Create<byte>(type, shape, Array.ConvertAll(image.Samples, sample => (byte)sample));
            case DataType.UInt16:
                return Tensor.Create<ushort>(type, shape, image.Bits == 16 ? image.Samples : Array.ConvertAll(image.Samples, sample => (ushort)(sample << 8)));
            case DataType.Float:
                float scale = 1f / ((1 << image.Bits) - 1);
                return Tensor.Create<float>(type, shape, Array.ConvertAll(image.Samples, sample => sample * scale));
            default:
                throw Refuse.Type(type, "uint8, uint16 and float");
        }
    }
}

/// <summary>Height, width and channels of a JPEG, without decoding it.</summary>
[Kernel("ExtractJpegShape")]
internal sealed class ExtractJpegShape : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(3)];

    public Tensor[] Compute(KernelCall call)
    {
        if (call.Inputs[0].Shape.Rank != 0)
            throw Refuse.Invalid($"contents must be scalar, got shape {call.Inputs[0].Shape}");
        try
        {
            var (height, width, components) = JpegDecoder.ReadSize(call.Inputs[0].Strings[0]);
            return [Integers.Write(call.Node.Type("output_type"), TensorShape.Of(3), [height, width, components])];
        }
        catch (InvalidDataException error)
        {
            throw Refuse.Invalid(error.Message);
        }
    }
}
