using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.Protobuf;

/// <summary>Walks the fields of a protobuf message. Everything malformed is a <see cref="ModelFormatException"/> that names the byte.</summary>
ref partial struct WireReader
{
    /// <summary>How deep messages may nest, as in the protobuf library.</summary>
    private const int MaximumDepth = 100;

    /// <summary>Shorter memory is never deferred.</summary>
    private const int LeastDeferred = 1 << 10;

    private readonly ReadOnlyMemory<byte> memory;
    private readonly IDeferredMemory? deferred;
    private readonly int deferredStart;
    private readonly long origin;
    private readonly int depth;

    // The bytes at hand, all of them unless they are deferred, and the position of the first.
    private ReadOnlySpan<byte> window;
    private int windowStart;
    private int position;
    private int fieldStart;

    /// <summary>A reader at the beginning of a message.</summary>
    /// <param name="memory">The message.</param>
    /// <param name="origin">Offset of the message in the file, for errors.</param>
    /// <param name="depth">Number of messages around this one.</param>
    public WireReader(ReadOnlyMemory<byte> memory, long origin = 0, int depth = 0)
    {
        this.memory = memory;
        this.origin = origin;
        this.depth = depth;
        if (memory.Length >= LeastDeferred && MemoryMarshal.TryGetMemoryManager<byte, MemoryManager<byte>>(memory, out var manager, out deferredStart, out _))
            deferred = manager as IDeferredMemory;
        window = deferred is null ? memory.Span : default;
        if (depth > MaximumDepth)
            throw Malformed(0, $"messages nest deeper than {MaximumDepth}");
    }

    public int Field { get; private set; }

    public WireType Type { get; private set; }

    /// <summary>Offset in the file of the next byte.</summary>
    public readonly long Offset => origin + position;

    /// <summary>Offset in the file of the tag that was read last.</summary>
    public readonly long FieldOffset => origin + fieldStart;

    public readonly int Remaining => memory.Length - position;

    /// <summary>Reads the next field's tag; false at the end of the message.</summary>
    public bool Next()
    {
        if (position == memory.Length)
            return false;
        fieldStart = position;
        ulong tag = Varint();
        if (tag is < 8 or > uint.MaxValue)
            throw Malformed(fieldStart, "an invalid field number");
        if ((tag & 7) > (ulong)WireType.Fixed32)
            throw Malformed(fieldStart, $"an invalid wire type {tag & 7}");
        Field = (int)(tag >> 3);
        Type = (WireType)(tag & 7);
        return true;
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (position - windowStart >= window.Length)
                Advance();
            byte next = window[position++ - windowStart];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw Malformed(position, "a number of more than ten bytes");
    }

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)).Span);

    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)).Span);

    /// <summary>The payload of a length-delimited field, not copied.</summary>
    public ReadOnlyMemory<byte> Bytes()
    {
        int at = position;
        ulong length = Varint();
        if (length > (ulong)Remaining)
            throw Malformed(at, $"a length of {length} bytes where {Remaining} remain");
        return Take((int)length);
    }

    public string String()
    {
        int at = position;
        ReadOnlySpan<byte> bytes = Bytes().Span;
        return Utf8.IsValid(bytes) ? NameCache.Get(bytes) : throw Malformed(at, "a string that is not UTF-8");
    }

    public WireReader Message()
    {
        ReadOnlyMemory<byte> message = Bytes();
        return Nested(message, Offset - message.Length);
    }

    /// <summary>Reads to the end of an entry of a map from text to text.</summary>
    public (string Key, string Value) TextEntry()
    {
        string key = "";
        string value = "";
        while (Next())
        {
            switch (Field, Type)
            {
                case (1, WireType.Bytes):
                    key = String();
                    break;
                case (2, WireType.Bytes):
                    value = String();
                    break;
                default:
                    Skip();
                    break;
            }
        }
        return (key, value);
    }

    /// <summary>A reader of a message inside this one.</summary>
    public readonly WireReader Nested(ReadOnlyMemory<byte> message, long messageOrigin) => new(message, messageOrigin, depth + 1);

    /// <summary>Steps over the field whose tag was read, and gives all of it with the tag.</summary>
    public ReadOnlyMemory<byte> Skip()
    {
        int start = fieldStart;
        SkipValue(depth);
        return Part(start, position - start);
    }

    private void SkipValue(int level)
    {
        switch (Type)
        {
            case WireType.Varint:
                Varint();
                break;
            case WireType.Fixed64:
                Take(sizeof(ulong));
                break;
            case WireType.Bytes:
                Bytes();
                break;
            case WireType.StartGroup:
                SkipGroup(Field, level + 1);
                break;
            case WireType.Fixed32:
                Take(sizeof(uint));
                break;
            default:
                throw Malformed(fieldStart, "the end of a group that did not begin");
        }
    }

    private void SkipGroup(int group, int level)
    {
        if (level > MaximumDepth)
            throw Malformed(fieldStart, $"messages nest deeper than {MaximumDepth}");
        while (Next())
        {
            if (Type != WireType.EndGroup)
                SkipValue(level);
            else if (Field == group)
                return;
            else
                throw Malformed(fieldStart, "the end of another group");
        }
        throw Malformed(position, "a group that does not end");
    }

    private ReadOnlyMemory<byte> Take(int length)
    {
        if (length > Remaining)
            throw Malformed(position, $"{length} bytes are needed where {Remaining} remain");
        position += length;
        return Part(position - length, length);
    }

    private readonly ReadOnlyMemory<byte> Part(int start, int length) => deferred is null ? memory.Slice(start, length) : deferred.Part(deferredStart + start, length);

    /// <summary>Brings the next byte of deferred memory to hand.</summary>
    private void Advance()
    {
        if (Remaining == 0)
            throw Malformed(position, "a number that is cut short");
        ReadOnlySpan<byte> bytes = deferred!.Peek(deferredStart + position).Span;
        window = bytes[..Math.Min(bytes.Length, Remaining)];
        windowStart = position;
    }

    private readonly ModelFormatException Malformed(int at, string what) => new(AbstractionsDiagnostics.MalformedMessage.Format(origin + at, what))
    {
        DiagnosticId = AbstractionsDiagnostics.MalformedMessage.Id,
        Suggestion = "The file is damaged or is not a GraphDef; export or download it again.",
    };
}
