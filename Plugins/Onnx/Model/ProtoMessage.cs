using System.Text;

namespace TransformFramework.Onnx.Model;

/// <summary>A protobuf message in the making: fields in the order in which they are added. Large contents are referred to, not copied.</summary>
internal sealed class ProtoMessage
{
    private const int Varint = 0;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    private readonly List<ReadOnlyMemory<byte>> parts = [];

    public long Length { get; private set; }

    public ProtoMessage Add(int field, long value)
    {
        Tag(field, Varint);
        return Number((ulong)value);
    }

    public ProtoMessage Add(int field, float value)
    {
        Tag(field, Fixed32);
        return Append(BitConverter.GetBytes(value));
    }

    public ProtoMessage Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

    public ProtoMessage Add(int field, ReadOnlyMemory<byte> value)
    {
        Tag(field, Delimited);
        Number((ulong)value.Length);
        return Append(value);
    }

    public ProtoMessage Add(int field, ProtoMessage message)
    {
        Tag(field, Delimited);
        Number((ulong)message.Length);
        parts.AddRange(message.parts);
        Length += message.Length;
        return this;
    }

    /// <summary>Adds a repeated field of messages.</summary>
    public ProtoMessage AddAll(int field, IEnumerable<ProtoMessage> messages)
    {
        foreach (ProtoMessage message in messages)
            Add(field, message);
        return this;
    }

    /// <summary>Adds a repeated field of strings.</summary>
    public ProtoMessage AddAll(int field, IEnumerable<string> values)
    {
        foreach (string value in values)
            Add(field, value);
        return this;
    }

    /// <summary>Adds a repeated field of integers.</summary>
    public ProtoMessage AddAll(int field, IEnumerable<long> values)
    {
        foreach (long value in values)
            Add(field, value);
        return this;
    }

    public void WriteTo(Stream stream, CancellationToken cancellation)
    {
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            cancellation.ThrowIfCancellationRequested();
            stream.Write(part.Span);
        }
    }

    private void Tag(int field, int wireType) => Number(((ulong)field << 3) | (uint)wireType);

    private ProtoMessage Number(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return Append(bytes.ToArray());
    }

    private ProtoMessage Append(ReadOnlyMemory<byte> bytes)
    {
        parts.Add(bytes);
        Length += bytes.Length;
        return this;
    }
}
