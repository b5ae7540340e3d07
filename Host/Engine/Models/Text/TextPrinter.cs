using System.Globalization;
using Google.Protobuf.Reflection;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Engine.Models.Text;

/// <summary>Prints binary messages in protobuf's text format, one field a line, unknown fields by number.</summary>
internal sealed class TextPrinter(TextWriter output)
{
    private const string Indentation = "  ";
    private int depth;

    /// <summary>Prints a message as a field's value.</summary>
    public void Message(string name, MessageDescriptor type, WireReader message)
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
    public void Fields(MessageDescriptor type, WireReader reader)
    {
        while (reader.Next())
        {
            FieldDescriptor? field = type.FindFieldByNumber(reader.Field);
            if (field is not null && reader.Type == TextFields.WireTypeOf(field))
                Field(field, ref reader);
            else if (field is not null && reader.Type == WireType.Bytes && TextFields.CanBePacked(field))
                Packed(field, reader.Message());
            else
                Unknown(ref reader);
        }
    }

    private void Packed(FieldDescriptor field, WireReader values)
    {
        while (values.Remaining > 0)
            Field(field, ref values);
    }

    private void Field(FieldDescriptor field, ref WireReader reader)
    {
        if (field.FieldType == FieldType.Message)
        {
            Message(field.Name, field.MessageType, reader.Message());
            return;
        }
        Begin(field.Name);
        if (field.FieldType is FieldType.String or FieldType.Bytes)
            TextStrings.Write(reader.Bytes().Span, output);
        else
            output.Write(Scalar(field, ref reader));
        output.Write('\n');
    }

    private static string Scalar(FieldDescriptor field, ref WireReader reader) => field.FieldType switch
    {
        FieldType.Float => TextNumbers.Print(BitConverter.UInt32BitsToSingle(reader.Fixed32())),
        FieldType.Double => TextNumbers.Print(BitConverter.UInt64BitsToDouble(reader.Fixed64())),
        FieldType.Bool => reader.Varint() != 0 ? "true" : "false",
        FieldType.Enum => EnumName(field.EnumType, (int)reader.Varint()),
        FieldType.Int32 => ((int)reader.Varint()).ToString(CultureInfo.InvariantCulture),
        FieldType.Int64 => ((long)reader.Varint()).ToString(CultureInfo.InvariantCulture),
        FieldType.UInt32 => ((uint)reader.Varint()).ToString(CultureInfo.InvariantCulture),
        _ => reader.Varint().ToString(CultureInfo.InvariantCulture),
    };

    private static string EnumName(EnumDescriptor type, int number) =>
        type.FindValueByNumber(number)?.Name ?? number.ToString(CultureInfo.InvariantCulture);

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
