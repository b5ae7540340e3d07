using System.IO.Compression;
using TransformFramework.Cpu.Kernels.Text;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

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

/// <summary>Strings without their compression by zlib or gzip.</summary>
[Kernel("DecodeCompressed")]
internal sealed class DecodeCompressed : IKernel
{
    private const int MaxBytes = 1 << 28;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        string compression = call.Node.Choice("compression_type", "", "ZLIB", "GZIP");
        return [compression.Length == 0 ? call.Inputs[0] : Strings.Map(call.Inputs[0], text => Inflate(text, compression, call.Cancellation))];
    }

    private static byte[] Inflate(ReadOnlyMemory<byte> text, string compression, CancellationToken cancellation)
    {
        var packed = new MemoryStream(text.ToArray());
        using Stream inflated = compression == "ZLIB" ? new ZLibStream(packed, CompressionMode.Decompress) : new GZipStream(packed, CompressionMode.Decompress);
        var bytes = new MemoryStream();
        byte[] part = new byte[1 << 16];
        try
        {
            for (int count = inflated.Read(part); count > 0; count = inflated.Read(part))
            {
                cancellation.ThrowIfCancellationRequested();
                bytes.Write(part, 0, count);
                if (bytes.Length > MaxBytes)
                    throw Refuse.Invalid($"a compressed string has more than {MaxBytes} bytes");
            }
        }
        catch (InvalidDataException error)
        {
            throw Refuse.Invalid($"a string is not compressed by {compression}: {error.Message}");
        }
        return bytes.ToArray();
    }
}

/// <summary>Coordinates of flat indices into a shape.</summary>
[Kernel("UnravelIndex")]
internal sealed class UnravelIndex : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        long[] dimensions = Integers.Read(call.Inputs[1]);
        TensorShape shape = Tensors.ShapeOf(dimensions);
        long[] indices = Integers.Read(call.Inputs[0]);
        long[] coordinates = new long[dimensions.Length * indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            if (indices[i] < 0 || indices[i] >= shape.ElementCount)
                throw Refuse.Invalid($"index is out of bound as with dims: {indices[i]} in {shape}");
            long rest = indices[i];
            for (int d = dimensions.Length - 1; d >= 0; d--)
            {
                coordinates[(d * indices.Length) + i] = rest % dimensions[d];
                rest /= dimensions[d];
            }
        }
        TensorShape result = call.Inputs[0].Shape.Rank == 0 ? TensorShape.Of(dimensions.Length) : TensorShape.Of(dimensions.Length, indices.Length);
        return [Integers.Write(call.Inputs[0].Type, result, coordinates)];
    }
}
