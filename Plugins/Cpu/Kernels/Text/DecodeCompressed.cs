using System.IO.Compression;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Text;

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
