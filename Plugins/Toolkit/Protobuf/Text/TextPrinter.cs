using System.Globalization;
using TransformFramework.Toolkit.Protobuf.Schemas;

namespace TransformFramework.Toolkit.Protobuf.Text;

/// <summary>Prints binary messages in protobuf's text format, one field a line, unknown fields by number.</summary>
public sealed class TextPrinter(TextWriter output)
{
    private const string Indentation = "  ";
    private int depth;

    /// <summary>Prints a message as a field's value.</summary>
    public void Message(string name, ProtoMessage type, WireReader message)
    {
        Indent();
        output.Write(name);
        output.Write(" {\n");
        depth++;
        Fields(type, message);
        depth--;
        Indent();
        output.Write("}\n");
    }

    /// <summary>Prints the fields of a message.</summary>
    public void Fields(ProtoMessage type, WireReader reader)
    {
        while (reader.Next())
        {
            ProtoField? field = type.Find(reader.Field);
            if (field is not null and not { Kind: ProtoKind.Message, Message: null } && reader.Type == field.WireType)
                Field(field, ref reader);
            else if (field is not null && reader.Type == WireType.Bytes && field.CanBePacked)
                Packed(field, reader.Message());
            else
                Unknown(ref reader);
        }
    }

    private void Packed(ProtoField field, WireReader values)
    {
        while (values.Remaining > 0)
            Field(field, ref values);
    }

    private void Field(ProtoField field, ref WireReader reader)
    {
        if (field.Kind == ProtoKind.Message)
        {
            Message(field.Name, field.Message!, reader.Message());
            return;
        }
        Begin(field.Name);
        if (field.Kind is ProtoKind.String or ProtoKind.Bytes)
            TextStrings.Write(reader.Bytes().Span, output);
        else
            output.Write(Scalar(field, ref reader));
        output.Write('\n');
    }

    private static string Scalar(ProtoField field, ref WireReader reader) => field.Kind switch
    {
        ProtoKind.Float => TextNumbers.Print(BitConverter.UInt32BitsToSingle(reader.Fixed32())),
        ProtoKind.Double => TextNumbers.Print(BitConverter.UInt64BitsToDouble(reader.Fixed64())),
        ProtoKind.Bool => reader.Varint() != 0 ? "true" : "false",
        ProtoKind.Enumeration => field.Enumeration!.NameOf((int)reader.Varint()),
        ProtoKind.Int32 => ((int)reader.Varint()).ToString(CultureInfo.InvariantCulture),
        ProtoKind.Int64 => ((long)reader.Varint()).ToString(CultureInfo.InvariantCulture),
        ProtoKind.Fixed64 => reader.Fixed64().ToString(CultureInfo.InvariantCulture),
        ProtoKind.UInt32 => ((uint)reader.Varint()).ToString(CultureInfo.InvariantCulture),
        _ => reader.Varint().ToString(CultureInfo.InvariantCulture),
    };

    private void Unknown(ref WireReader reader)
    {
        string name = reader.Field.ToString(CultureInfo.InvariantCulture);
        if (reader.Type == WireType.StartGroup)
        {
            Group(name, ref reader);
            return;
        }
        Begin(name);
        switch (reader.Type)
        {
            case WireType.Varint:
                output.Write(reader.Varint().ToString(CultureInfo.InvariantCulture));
                break;
            case WireType.Fixed32:
                output.Write(string.Create(CultureInfo.InvariantCulture, $"0x{reader.Fixed32():x8}"));
                break;
            case WireType.Fixed64:
                output.Write(string.Create(CultureInfo.InvariantCulture, $"0x{reader.Fixed64():x16}"));
                break;
            default:
                TextStrings.Write(reader.Bytes().Span, output);
                break;
        }
        output.Write('\n');
    }

    private void Group(string name, ref WireReader reader)
    {
        Indent();
        output.Write(name);
        output.Write(" {\n");
        depth++;
        while (reader.Next() && reader.Type != WireType.EndGroup)
            Unknown(ref reader);
        depth--;
        Indent();
        output.Write("}\n");
    }

    private void Begin(string name)
    {
        Indent();
        output.Write(name);
        output.Write(": ");
    }

    private void Indent()
    {
        for (int i = 0; i < depth; i++)
            output.Write(Indentation);
    }
}
