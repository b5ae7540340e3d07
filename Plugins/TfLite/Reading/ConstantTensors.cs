using System.Buffers.Binary;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Reading;

/// <summary>Elements of constants as graphs hold them.</summary>
internal static class ConstantTensors
{
    /// <summary>The elements of a tensor that are in the file, or null when none are.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The strings are not in their buffer, or the tensor is sparse.</exception>
    public static Tensor? Read(TfLiteModel model, TfLiteTensor tensor)
    {
        if (!ModelVerifier.IsConstant(model, tensor))
            return null;
        if (tensor.IsSparse)
            throw TfLiteDiagnostics.Unreadable($"tensor '{tensor.Name}' is stored sparsely", "Convert the model again without sparse storage.");
        TensorShape shape = TensorShape.Of([.. tensor.Shape.Select(size => (long)size)]);
        ReadOnlyMemory<byte> bytes = model.Buffers[tensor.Buffer];
        return tensor.Type switch
        {
            TensorType.String => Strings(bytes, shape, tensor.Name),
            TensorType.Int4 => Tensor.FromContent(DataType.Int8, shape, Nibbles(bytes.Span, (int)tensor.ElementCount)),
            TensorType.Resource or TensorType.Variant => throw TfLiteDiagnostics.Invalid($"tensor '{tensor.Name}' is a constant of {tensor.Type.Name()}"),
            _ => Tensor.FromContent(tensor.Type.ToGraph(), shape, bytes),
        };
    }

    /// <summary>Strings are stored as their number, the offset of each and of the end, then their bytes.</summary>
    private static Tensor Strings(ReadOnlyMemory<byte> bytes, TensorShape shape, string name)
    {
        long count = shape.ElementCount;
        if (bytes.IsEmpty && count == 0)
            return Tensor.FromStrings(shape, []);
        ReadOnlySpan<byte> span = bytes.Span;
        if (span.Length < 4 || BinaryPrimitives.ReadInt32LittleEndian(span) != count || span.Length < 8 + (4 * count))
            throw TfLiteDiagnostics.Invalid($"tensor '{name}' of {count} strings has a buffer of {span.Length} bytes that does not hold them");
        var strings = new ReadOnlyMemory<byte>[count];
        for (int i = 0; i < strings.Length; i++)
        {
            int start = BinaryPrimitives.ReadInt32LittleEndian(span[(4 + (4 * i))..]);
            int end = BinaryPrimitives.ReadInt32LittleEndian(span[(8 + (4 * i))..]);
            if (start < 0 || end < start || end > span.Length)
                throw TfLiteDiagnostics.Invalid($"string {i} of tensor '{name}' is outside of its buffer");
            strings[i] = bytes[start..end];
        }
        return Tensor.FromStrings(shape, [.. strings]);
    }

    private static byte[] Nibbles(ReadOnlySpan<byte> packed, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            int nibble = i % 2 == 0 ? packed[i / 2] << 4 : packed[i / 2] & 0xF0;
            bytes[i] = (byte)((sbyte)nibble >> 4);
        }
        return bytes;
    }
}
