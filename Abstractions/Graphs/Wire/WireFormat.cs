using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Graphs.Wire;

/// <summary>
/// The protobuf bytes of attribute values, tensors and shapes: fields in the order of their numbers, proto3 defaults left out, the set member of a
/// oneof always written, packed lists, map entries in byte order of their keys, unknown fields last. The same value always gives the same bytes.
/// </summary>
public static class WireFormat
{
    private const int BufferSize = 1 << 16;

    /// <summary>The bytes of TensorFlow's <c>AttrValue</c>.</summary>
    public static byte[] Serialize(AttributeValue value)
    {
        byte[] bytes = new byte[checked((int)AttributeWire.Size(value))];
        AttributeWire.Write(value, new WireWriter(bytes));
        return bytes;
    }

    /// <summary>The bytes of TensorFlow's <c>TensorProto</c>.</summary>
    public static byte[] Serialize(Tensor tensor)
    {
        byte[] bytes = new byte[checked((int)TensorWire.Size(tensor))];
        TensorWire.Write(tensor, new WireWriter(bytes));
        return bytes;
    }

    /// <summary>The bytes of TensorFlow's <c>TensorShapeProto</c>.</summary>
    public static byte[] Serialize(TensorShape shape)
    {
        byte[] bytes = new byte[checked((int)ShapeWire.Size(shape))];
        ShapeWire.Write(shape, new WireWriter(bytes));
        return bytes;
    }

    /// <summary>Reads TensorFlow's <c>AttrValue</c>; byte strings and tensors stay views of the given memory.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The bytes are not such a message.</exception>
    public static AttributeValue ReadAttribute(ReadOnlyMemory<byte> bytes) => AttributeWire.Read(new WireReader(bytes));

    /// <summary>Number of bytes that <see cref="Serialize(AttributeValue)"/> gives.</summary>
    public static long Measure(AttributeValue value) => AttributeWire.Size(value);

    /// <summary>Writes what <see cref="Serialize(AttributeValue)"/> gives, without holding all of it.</summary>
    public static void Write(AttributeValue value, Stream output)
    {
        var writer = new WireWriter(new byte[BufferSize], output);
        AttributeWire.Write(value, writer);
        writer.Flush();
    }
}
