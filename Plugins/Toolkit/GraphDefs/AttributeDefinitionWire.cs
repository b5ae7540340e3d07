using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>TensorFlow's <c>OpDef.AttrDef</c>.</summary>
internal static class AttributeDefinitionWire
{
    public static AttributeDefinition Read(WireReader reader)
    {
        var definition = new AttributeDefinition("", "");
        bool hasMinimum = false;
        long minimum = 0;
        var unknown = new FieldCollector();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    definition = definition with { Name = reader.String() };
                    break;
                case (2, WireType.Bytes):
                    definition = definition with { Kind = reader.String() };
                    break;
                case (3, WireType.Bytes):
                    definition = definition with { Default = AttributeWire.Read(reader.Message()) };
                    break;
                case (4, WireType.Bytes):
                    definition = definition with { Description = reader.String() };
                    break;
                case (5, WireType.Varint):
                    hasMinimum = reader.Varint() != 0;
                    break;
                case (6, WireType.Varint):
                    minimum = (long)reader.Varint();
                    break;
                case (7, WireType.Bytes):
                    definition = definition with { Allowed = AttributeWire.Read(reader.Message()) };
                    break;
                default:
                    unknown.Add(reader.Skip());
                    break;
            }
        }
        return definition with { Minimum = hasMinimum ? minimum : null, UnknownFields = unknown.UnknownFields };
    }

    public static long Size(AttributeDefinition definition) =>
        WireSize.String(1, definition.Name) + WireSize.String(2, definition.Kind) + ValueSize(3, definition.Default)
        + WireSize.String(4, definition.Description) + WireSize.Flag(5, definition.Minimum is not null)
        + WireSize.Scalar(6, definition.Minimum ?? 0) + ValueSize(7, definition.Allowed) + definition.UnknownFields.Bytes.Length;

    public static void Write(AttributeDefinition definition, WireWriter writer)
    {
        writer.String(1, definition.Name);
        writer.String(2, definition.Kind);
        WriteValue(3, definition.Default, writer);
        writer.String(4, definition.Description);
        writer.Flag(5, definition.Minimum is not null);
        writer.Scalar(6, definition.Minimum ?? 0);
        WriteValue(7, definition.Allowed, writer);
        writer.Raw(definition.UnknownFields.Bytes);
    }

    private static long ValueSize(int field, AttributeValue? value) => value is null ? 0 : WireSize.Delimited(field, AttributeWire.Size(value));

    private static void WriteValue(int field, AttributeValue? value, WireWriter writer)
    {
        if (value is null)
            return;
        writer.Delimiter(field, AttributeWire.Size(value));
        AttributeWire.Write(value, writer);
    }
}
