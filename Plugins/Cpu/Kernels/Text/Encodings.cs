using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>Reads the bytes of strings as numbers, a row for each string.</summary>
[Kernel("DecodeRaw")]
internal sealed class DecodeRaw : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        DataType type = call.Node.Type("out_type");
        int size = type.Size();
        int length = input.ElementCount == 0 ? 0 : input.Strings[0].Length;
        if (input.Strings.Any(text => text.Length != length))
            throw Refuse.Invalid("DecodeRaw requires input strings to all be the same size");
        if (length % size != 0)
            throw Refuse.Invalid($"Input to DecodeRaw has length {length} that is not a multiple of {size}, the size of {type.Name()}");
        byte[] content = [.. input.Strings.SelectMany(text => text.ToArray())];
        if (!call.Node.Bool("little_endian"))
            Swap(content, type is DataType.Complex64 or DataType.Complex128 ? size / 2 : size);
        return [Tensor.FromContent(type, TensorShape.Of(input.Shape.Dimensions.Add(length / size)), content)];
    }

    private static void Swap(byte[] content, int size)
    {
        for (int at = 0; at < content.Length; at += size)
            content.AsSpan(at, size).Reverse();
    }
}

/// <summary>Bytes of strings as numbers, each string cut or filled up with zeros to a fixed length.</summary>
[Kernel("DecodePaddedRaw")]
internal sealed class DecodePaddedRaw : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        DataType type = call.Node.Type("out_type");
        long length = Integers.Scalar(call.Inputs[1], "fixed_length");
        int size = type.Size();
        if (length <= 0 || size == 0 || length % size != 0 || length > int.MaxValue)
            throw Refuse.Invalid($"fixed_length ({length}) must be a positive multiple of the size of out_type ({size})");
        byte[] bytes = new byte[checked(input.ElementCount * length)];
        for (int i = 0; i < input.ElementCount; i++)
        {
            ReadOnlySpan<byte> text = input.Strings[i].Span;
            text[..(int)Math.Min(length, text.Length)].CopyTo(bytes.AsSpan((int)(i * length)));
        }
        for (int at = 0; !call.Node.Bool("little_endian") && at < bytes.Length; at += size)
            bytes.AsSpan(at, size).Reverse();
        return [Tensor.FromContent(type, TensorShape.Of([.. input.Shape.Dimensions, length / size]), bytes)];
    }
}

/// <summary>Base64 with the alphabet for addresses of the web.</summary>
[Kernel("EncodeBase64", "DecodeBase64")]
internal sealed class Base64Url : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        if (call.Node.Op == "DecodeBase64")
            return [Strings.Map(call.Inputs[0], Decode)];
        bool pads = call.Node.Bool("pad");
        return [Strings.Map(call.Inputs[0], text => Encode(text, pads))];
    }

    private static ReadOnlyMemory<byte> Encode(ReadOnlyMemory<byte> text, bool pads)
    {
        string encoded = Convert.ToBase64String(text.Span).Replace('+', '-').Replace('/', '_');
        return Strings.Bytes(pads ? encoded : encoded.TrimEnd('='));
    }

    private static ReadOnlyMemory<byte> Decode(ReadOnlyMemory<byte> text)
    {
        string encoded = Strings.Text(text);
        if (encoded.AsSpan().ContainsAny('+', '/'))
            throw Refuse.Invalid("Invalid character found in base64.");
        string standard = encoded.TrimEnd('=').Replace('-', '+').Replace('_', '/');
        try
        {
            return Convert.FromBase64String(standard.PadRight((standard.Length + 3) / 4 * 4, '='));
        }
        catch (FormatException)
        {
            throw Refuse.Invalid("Invalid character found in base64.");
        }
    }
}
