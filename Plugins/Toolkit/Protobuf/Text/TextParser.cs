using System.Globalization;
using System.Text.Unicode;
using TransformFramework.Toolkit.Protobuf.Schemas;

namespace TransformFramework.Toolkit.Protobuf.Text;

/// <summary>Parses protobuf's text format into the binary form, by the descriptors of the messages.</summary>
public sealed class TextParser(ReadOnlyMemory<byte> text)
{
    private const int MaximumDepth = 100;
    private const int BufferSize = 256;

    private readonly TextScanner scanner = new(text);

    /// <summary>Parses the whole text as one message.</summary>
    /// <exception cref="TransformFramework.ModelFiles.ModelFormatException">The text is malformed; the message begins with line and column.</exception>
    public ReadOnlyMemory<byte> Parse(ProtoMessage type) => Message(type, close: null, depth: 0);

    private ReadOnlyMemory<byte> Message(ProtoMessage? type, char? close, int depth)
    {
        if (depth > MaximumDepth)
            throw scanner.Error(scanner.Position, $"messages nest deeper than {MaximumDepth}");
        using var bytes = new MemoryStream();
        var writer = new WireWriter(new byte[BufferSize], bytes);
        var seen = new Dictionary<object, string>();
        while (close is { } mark ? !scanner.TryTake(mark) : !scanner.AtEnd)
            Field(type, writer, seen, depth);
        writer.Flush();
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    private void Field(ProtoMessage? type, WireWriter writer, Dictionary<object, string> seen, int depth)
    {
        int at = scanner.Position;
        string name = scanner.Word("a field name");
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0)
            Unknown(number, writer, depth);
        else if (type?.Find(name) is { } field)
            Known(field, at, writer, seen, depth);
        else
            throw scanner.Error(at, $"message {type?.Name} has no field '{name}'");
        if (!scanner.TryTake(','))
            scanner.TryTake(';');
    }

    private void Known(ProtoField field, int at, WireWriter writer, Dictionary<object, string> seen, int depth)
    {
        if (!field.IsRepeated)
            CheckOnce(field, at, seen);
        if (!scanner.TryTake(':') && field.Kind != ProtoKind.Message)
            throw scanner.Expected("':'");
        if (!field.IsRepeated || !scanner.TryTake('['))
        {
            Value(field, writer, depth);
            return;
        }
        if (scanner.TryTake(']'))
            return;
        do
            Value(field, writer, depth);
        while (scanner.TryTake(','));
        scanner.Take(']');
    }

    private void CheckOnce(ProtoField field, int at, Dictionary<object, string> seen)
    {
        object key = (object?)field.Alternatives ?? field;
        if (seen.TryAdd(key, field.Name))
            return;
        string earlier = seen[key];
        throw scanner.Error(at, earlier == field.Name ? $"field '{field.Name}' occurs twice" : $"field '{field.Name}' excludes '{earlier}', which is given too");
    }

    private void Value(ProtoField field, WireWriter writer, int depth)
    {
        if (field is { Kind: ProtoKind.Message, Message: null })
        {
            scanner.SkipMessage(Open());
            return;
        }
        if (field.Kind == ProtoKind.Message)
        {
            writer.Bytes(field.Number, Message(field.Message, Open(), depth + 1));
            return;
        }
        int at = scanner.Position;
        if (field.Kind is ProtoKind.String or ProtoKind.Bytes)
        {
            byte[] bytes = scanner.String();
            if (field.Kind == ProtoKind.String && !Utf8.IsValid(bytes))
                throw scanner.Error(at, $"field '{field.Name}' is not UTF-8");
            writer.Bytes(field.Number, bytes);
            return;
        }
        writer.Tag(field.Number, field.WireType);
        new TextScalars(scanner).Copy(field, writer);
    }

    private char Open()
    {
        if (scanner.TryTake('{'))
            return '}';
        return scanner.TryTake('<') ? '>' : throw scanner.Expected("'{'");
    }

    /// <summary>A field by number: <c>7: 1</c>, <c>7: 0x00000001</c> (32 bits), <c>7: 0x0000000000000001</c> (64 bits), <c>7: "bytes"</c>, <c>7 { group }</c>.</summary>
    private void Unknown(int number, WireWriter writer, int depth)
    {
        if (!scanner.TryTake(':'))
        {
            ReadOnlyMemory<byte> group = Message(type: null, Open(), depth + 1);
            writer.Tag(number, WireType.StartGroup);
            writer.Raw(group);
            writer.Tag(number, WireType.EndGroup);
            return;
        }
        if (scanner.Peek() is (byte)'"' or (byte)'\'')
            writer.Bytes(number, scanner.String());
        else
            new TextScalars(scanner).CopyUnknown(number, writer);
    }
}
