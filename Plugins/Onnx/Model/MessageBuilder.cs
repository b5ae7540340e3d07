using System.Text;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Onnx.Model;

/// <summary>A protobuf message in the making: its length is known before it is written. Large contents are referred to, not copied.</summary>
internal sealed class MessageBuilder
{
    private readonly List<Action<WireWriter>> fields = [];

    public long Length { get; private set; }

    public MessageBuilder Add(int field, long value) => Add(WireSize.Tag(field) + WireSize.Varint((ulong)value), writer =>
    {
        writer.Tag(field, WireType.Varint);
        writer.Varint((ulong)value);
    });

    public MessageBuilder Add(int field, float value) => Add(WireSize.Tag(field) + sizeof(float), writer =>
    {
        writer.Tag(field, WireType.Fixed32);
        writer.Fixed32(BitConverter.SingleToUInt32Bits(value));
    });

    public MessageBuilder Add(int field, string value) => Add(WireSize.Delimited(field, Encoding.UTF8.GetByteCount(value)), writer => writer.Text(field, value));

    public MessageBuilder Add(int field, ReadOnlyMemory<byte> value) => Add(WireSize.Delimited(field, value.Length), writer => writer.Bytes(field, value));

    public MessageBuilder Add(int field, MessageBuilder message) => Add(WireSize.Delimited(field, message.Length), writer =>
    {
        writer.Delimiter(field, message.Length);
        message.WriteTo(writer);
    });

    /// <summary>Adds a repeated field of messages.</summary>
    public MessageBuilder AddAll(int field, IEnumerable<MessageBuilder> messages) => messages.Aggregate(this, (message, each) => message.Add(field, each));

    /// <summary>Adds a repeated field of strings.</summary>
    public MessageBuilder AddAll(int field, IEnumerable<string> values) => values.Aggregate(this, (message, each) => message.Add(field, each));

    /// <summary>Adds a repeated field of integers.</summary>
    public MessageBuilder AddAll(int field, IEnumerable<long> values) => values.Aggregate(this, (message, each) => message.Add(field, each));

    public void WriteTo(WireWriter writer)
    {
        foreach (Action<WireWriter> field in fields)
            field(writer);
    }

    private MessageBuilder Add(long length, Action<WireWriter> write)
    {
        Length += length;
        fields.Add(write);
        return this;
    }
}
