using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>TensorFlow's <c>OpDef.ArgDef</c>.</summary>
internal static class ArgumentWire
{
    public static ArgumentDefinition Read(WireReader reader)
    {
        var argument = new ArgumentDefinition("");
        var unknown = new FieldCollector();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    argument = argument with { Name = reader.String() };
                    break;
                case (2, WireType.Bytes):
                    argument = argument with { Description = reader.String() };
                    break;
                case (3, WireType.Varint):
                    argument = argument with { Type = (DataType)(int)reader.Varint() };
                    break;
                case (4, WireType.Bytes):
                    argument = argument with { TypeAttribute = reader.String() };
                    break;
                case (5, WireType.Bytes):
                    argument = argument with { NumberAttribute = reader.String() };
                    break;
                case (6, WireType.Bytes):
                    argument = argument with { TypeListAttribute = reader.String() };
                    break;
                case (16, WireType.Varint):
                    argument = argument with { IsReference = reader.Varint() != 0 };
                    break;
                default:
                    unknown.Add(reader.Skip());
                    break;
            }
        }
        return argument with { UnknownFields = unknown.UnknownFields };
    }

    public static long Size(ArgumentDefinition argument) =>
        WireSize.String(1, argument.Name) + WireSize.String(2, argument.Description) + WireSize.Scalar(3, (int)argument.Type)
        + WireSize.String(4, argument.TypeAttribute) + WireSize.String(5, argument.NumberAttribute) + WireSize.String(6, argument.TypeListAttribute)
        + WireSize.Flag(16, argument.IsReference) + argument.UnknownFields.Bytes.Length;

    public static void Write(ArgumentDefinition argument, WireWriter writer)
    {
        writer.String(1, argument.Name);
        writer.String(2, argument.Description);
        writer.Scalar(3, (int)argument.Type);
        writer.String(4, argument.TypeAttribute);
        writer.String(5, argument.NumberAttribute);
        writer.String(6, argument.TypeListAttribute);
        writer.Flag(16, argument.IsReference);
        writer.Raw(argument.UnknownFields.Bytes);
    }
}
