using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>A field of a message that may be larger than 2 GiB: where it begins with its tag, where its payload is, where it ends.</summary>
public sealed record SourceField(int Number, WireType Type, long Start, long PayloadStart, long End)
{
    private const int LongestHead = 20;

    public long PayloadLength => End - PayloadStart;

    /// <summary>The fields of the message between two offsets.</summary>
    /// <exception cref="ModelFormatException">The message is malformed or cut short.</exception>
    public static IEnumerable<SourceField> Walk(ModelSourceFile source, long start, long end)
    {
        while (start < end)
        {
            SourceField field = ReadOne(source, start, end);
            yield return field;
            start = field.End;
        }
    }

    /// <summary>The payload of a length-delimited field as one message.</summary>
    public WireReader Message(ModelSourceFile source) => new(Payload(source), PayloadStart, depth: 1);

    public ReadOnlyMemory<byte> Payload(ModelSourceFile source) => Slice(source, PayloadStart);

    /// <summary>The whole field with its tag.</summary>
    public ReadOnlyMemory<byte> Bytes(ModelSourceFile source) => Slice(source, Start);

    private ReadOnlyMemory<byte> Slice(ModelSourceFile source, long from) => End - from <= int.MaxValue
        ? source.View(from, (int)(End - from))
        : throw new ModelFormatException($"field {Number} at byte {Start} has {End - from} bytes; a single message holds at most 2 GiB")
        {
            DiagnosticId = AbstractionsDiagnostics.MalformedMessage.Id,
        };

    private static SourceField ReadOne(ModelSourceFile source, long start, long end)
    {
        var reader = new WireReader(source.View(start, (int)Math.Min(LongestHead, end - start)), start);
        bool endsHere = end - start < LongestHead;
        try
        {
            reader.Next();
            if (reader.Type == WireType.Bytes)
                return Delimited(ref reader, start, end);
        }
        catch (ModelFormatException) when (endsHere && end == source.Length && reader.Remaining == 0)
        {
            throw Truncated(start, "its head", end - start);
        }
        if (reader.Type == WireType.StartGroup)
        {
            reader = new WireReader(source.View(start, (int)Math.Min(int.MaxValue, end - start)), start);
            reader.Next();
        }
        long payloadStart = reader.Offset;
        reader.Skip();
        return new(reader.Field, reader.Type, start, payloadStart, reader.Offset);
    }

    private static SourceField Delimited(ref WireReader reader, long start, long end)
    {
        ulong length = reader.Varint();
        long payloadStart = reader.Offset;
        if (length > (ulong)(end - payloadStart))
            throw Truncated(start, $"{length} bytes", end - payloadStart);
        return new(reader.Field, WireType.Bytes, start, payloadStart, payloadStart + (long)length);
    }

    private static ModelFormatException Truncated(long start, string needed, long present) =>
        new(ToolkitDiagnostics.TruncatedFile.Format(start, needed, present))
        {
            DiagnosticId = ToolkitDiagnostics.TruncatedFile.Id,
            Suggestion = "Download or export the file again; compare its size with the original's.",
        };
}
