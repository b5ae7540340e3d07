using System.Buffers.Binary;
using System.Text;

namespace TransformFramework.Toolkit.Protobuf;

/// <summary>Writes protobuf fields through a buffer. Without a stream the buffer must hold everything.</summary>
partial class WireWriter(byte[] buffer, Stream? output = null)
{
    private const int Largest = 16;
    private int position;

    public void Tag(int field, WireType type) => Varint(((uint)field << 3) | (uint)type);

    public void Varint(ulong value)
    {
        if (buffer.Length - position < Largest)
            Room(WireSize.Varint(value));
        while (value >= 0x80)
        {
            buffer[position++] = (byte)(value | 0x80);
            value >>= 7;
        }
        buffer[position++] = (byte)value;
    }

    public void Fixed32(uint value)
    {
        Room(sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(position), value);
        position += sizeof(uint);
    }

    public void Fixed64(ulong value)
    {
        Room(sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.AsSpan(position), value);
        position += sizeof(ulong);
    }

    /// <summary>The tag and length of a message or string that follows.</summary>
    public void Delimiter(int field, long length)
    {
        Tag(field, WireType.Bytes);
        Varint((ulong)length);
    }

    public void Bytes(int field, ReadOnlyMemory<byte> value)
    {
        Delimiter(field, value.Length);
        Raw(value);
    }

    /// <summary>A string, even when empty.</summary>
    public void Text(int field, string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Delimiter(field, length);
        if (length > buffer.Length)
        {
            Raw(Encoding.UTF8.GetBytes(value));
            return;
        }
        Room(length);
        position += Encoding.UTF8.GetBytes(value, buffer.AsSpan(position));
    }

    /// <summary>A string, left out when empty.</summary>
    public void String(int field, string value)
    {
        if (value.Length > 0)
            Text(field, value);
    }

    /// <summary>An integer or enumeration, left out when zero.</summary>
    public void Scalar(int field, long value)
    {
        if (value == 0)
            return;
        Tag(field, WireType.Varint);
        Varint((ulong)value);
    }

    /// <summary>A truth value, left out when false.</summary>
    public void Flag(int field, bool value) => Scalar(field, value ? 1 : 0);

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlyMemory<byte> value)
    {
        if (value.Length > buffer.Length - position && output is not null)
        {
            Flush();
            if (value.Length > buffer.Length)
            {
                WriteThrough(value);
                return;
            }
        }
        value.Span.CopyTo(buffer.AsSpan(position));
        position += value.Length;
    }

    /// <summary>Hands what is buffered to the stream.</summary>
    public void Flush()
    {
        output?.Write(buffer, 0, position);
        position = 0;
    }

    /// <summary>Writes bytes that are larger than the buffer, which is empty.</summary>
    protected virtual void WriteThrough(ReadOnlyMemory<byte> value) => output!.Write(value.Span);

    private void Room(int length)
    {
        if (buffer.Length - position >= length)
            return;
        if (output is null)
            throw new InvalidOperationException("the buffer is smaller than what is written to it");
        Flush();
    }
}
