using Google.Protobuf.Reflection;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Engine.Models.Text;

/// <summary>What the text format needs to know of a field.</summary>
internal static class TextFields
{
    /// <summary>How one value of the field is laid out in the binary form.</summary>
    public static WireType WireTypeOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => WireType.Fixed32,
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => WireType.Fixed64,
        FieldType.String or FieldType.Bytes or FieldType.Message => WireType.Bytes,
        _ => WireType.Varint,
    };

    /// <summary>True when a repeated field's values can also come packed.</summary>
    public static bool CanBePacked(FieldDescriptor field) => field.IsRepeated && WireTypeOf(field) != WireType.Bytes;
}
