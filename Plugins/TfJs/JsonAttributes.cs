using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using TransformFramework.Graphs;

namespace TransformFramework.TfJs;

/// <summary>Attributes of nodes in protobuf's JSON: 64-bit integers and sizes may be texts, byte strings are base64, enumerations are names or numbers.</summary>
internal static class JsonAttributes
{
    private const int MaxDepth = 16;

    /// <summary>An attribute's value.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">It is malformed.</exception>
    public static AttributeValue Of(JsonElement value, int depth = 0)
    {
        if (depth > MaxDepth || value.ValueKind != JsonValueKind.Object)
            throw TfJsDiagnostics.Malformed("an attribute is not an object");
        foreach (JsonProperty field in value.EnumerateObject())
            return Field(field.Name, field.Value, depth);
        return new UnsetValue();
    }

    /// <summary>An element type.</summary>
    public static DataType TypeOf(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number))
            return (DataType)number;
        string name = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        string plain = name.StartsWith("DT_", StringComparison.Ordinal) ? name[3..].ToLowerInvariant() : name.ToLowerInvariant();
        if (plain == "invalid")
            return DataType.Invalid;
        return DataTypes.TryParse(plain, out DataType type) ? type : throw TfJsDiagnostics.Malformed($"'{name}' is not an element type");
    }

    /// <summary>A shape.</summary>
    public static TensorShape ShapeOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return TensorShape.Unknown;
        if (value.TryGetProperty("unknownRank", out JsonElement unknown) && unknown.ValueKind == JsonValueKind.True)
            return TensorShape.Unknown;
        if (!value.TryGetProperty("dim", out JsonElement dimensions) || dimensions.ValueKind != JsonValueKind.Array)
            return TensorShape.Scalar;
        return TensorShape.Of([.. dimensions.EnumerateArray().Select(Size)]);
    }

    private static AttributeValue Field(string name, JsonElement value, int depth) => name switch
    {
        "s" => new BytesValue(Bytes(value)),
        "i" => new IntValue(Integer(value)),
        "f" => new FloatValue((float)Number(value)),
        "b" => new BoolValue(value.ValueKind == JsonValueKind.True),
        "type" => new TypeValue(TypeOf(value)),
        "shape" => new ShapeValue(ShapeOf(value)),
        "tensor" => new TensorValue(TensorOf(value)),
        "list" => new ListValue(List(value)),
        "func" => Function(value, depth),
        "placeholder" => new PlaceholderValue(value.ValueKind == JsonValueKind.String ? value.GetString()! : throw TfJsDiagnostics.Malformed("a placeholder is not a name")),
        _ => throw TfJsDiagnostics.Malformed($"an attribute has the field '{name}', which is not known"),
    };

    private static ImmutableArray<AttributeValue> List(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Object)
            throw TfJsDiagnostics.Malformed("a list of attributes is not an object");
        var items = ImmutableArray.CreateBuilder<AttributeValue>();
        foreach (JsonProperty field in list.EnumerateObject())
        {
            if (field.Value.ValueKind == JsonValueKind.Array)
                items.AddRange(field.Value.EnumerateArray().Select(item => Field(field.Name, item, MaxDepth)));
        }
        return items.ToImmutable();
    }

    private static FunctionValue Function(JsonElement value, int depth)
    {
        string name = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("name", out JsonElement given) && given.ValueKind == JsonValueKind.String ? given.GetString()! : throw TfJsDiagnostics.Malformed("a function has no name");
        bool hasAttributes = value.TryGetProperty("attr", out JsonElement attributes) && attributes.ValueKind == JsonValueKind.Object;
        return new(name, hasAttributes ? AttributeMap.Of(attributes.EnumerateObject().Select(entry => (entry.Name, Of(entry.Value, depth + 1)))) : AttributeMap.Empty);
    }

    /// <summary>A tensor; its elements are in <c>tensorContent</c>, in a field of its type, or in the shards (none here).</summary>
    private static Tensor TensorOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty("dtype", out JsonElement dtype))
            throw TfJsDiagnostics.Malformed("a tensor has no dtype");
        DataType type = TypeOf(dtype);
        TensorShape shape = value.TryGetProperty("tensorShape", out JsonElement given) ? ShapeOf(given) : TensorShape.Scalar;
        if (value.TryGetProperty("tensorContent", out JsonElement content))
            return Tensor.FromContent(type, shape, Bytes(content));
        foreach (JsonProperty field in value.EnumerateObject())
        {
            if (!field.Name.EndsWith("Val", StringComparison.Ordinal) || field.Value.ValueKind != JsonValueKind.Array)
                continue;
            if (type == DataType.String)
                return Tensor.FromStrings(shape, [.. field.Value.EnumerateArray().Select(item => (ReadOnlyMemory<byte>)Bytes(item))]);
            return Tensor.FromValues(type, shape, field.Value.EnumerateArray().SelectMany(item => Element(item, type)).ToArray());
        }
        return type == DataType.String ? Tensor.FromStrings(shape, []) : Tensor.FromValues(type, shape, default);
    }

    private static byte[] Element(JsonElement item, DataType type) => type switch
    {
        DataType.Float => BitConverter.GetBytes((float)Number(item)),
        DataType.Double => BitConverter.GetBytes(Number(item)),
        DataType.Int32 => BitConverter.GetBytes((int)Integer(item)),
        DataType.Int64 => BitConverter.GetBytes(Integer(item)),
        DataType.Bool => [item.ValueKind == JsonValueKind.True ? (byte)1 : (byte)0],
        DataType.UInt8 or DataType.Int8 => [(byte)Integer(item)],
        _ => throw TfJsDiagnostics.Malformed($"an inline tensor of {type.Name()}"),
    };

    private static long Size(JsonElement dimension) => dimension.ValueKind == JsonValueKind.Object && dimension.TryGetProperty("size", out JsonElement size) ? Math.Max(-1, Integer(size)) : -1;

    private static long Integer(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number))
            return number;
        return value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) ? number : throw TfJsDiagnostics.Malformed("an integer is not one");
    }

    private static double Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String when value.GetString() == "NaN" => double.NaN,
        JsonValueKind.String when value.GetString() == "Infinity" => double.PositiveInfinity,
        JsonValueKind.String when value.GetString() == "-Infinity" => double.NegativeInfinity,
        _ => throw TfJsDiagnostics.Malformed("a number is not one"),
    };

    /// <summary>A byte string: base64, or a list of numbers, as older converters wrote it.</summary>
    private static byte[] Bytes(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
            return [.. value.EnumerateArray().Select(item => (byte)Integer(item))];
        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw TfJsDiagnostics.Malformed("a byte string is not one");
        byte[] bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out int written) ? bytes[..written] : Encoding.UTF8.GetBytes(text);
    }
}
