using System.Buffers;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Protobuf;

/// <summary>Gathers pieces of a message (unknown fields, payloads of a repeated message field), without a copy while there is only one.</summary>
partial struct FieldCollector
{
    private ReadOnlyMemory<byte> first;
    private ArrayBufferWriter<byte>? joined;

    public readonly bool IsEmpty => Bytes.IsEmpty;

    public readonly ReadOnlyMemory<byte> Bytes => joined is null ? first : joined.WrittenMemory;

    public readonly UnknownFields UnknownFields => new(Bytes);

    public void Add(ReadOnlyMemory<byte> piece)
    {
        if (IsEmpty)
        {
            first = piece;
            return;
        }
        if (joined is null)
        {
            joined = new();
            joined.Write(first.Span);
        }
        joined.Write(piece.Span);
    }
}
