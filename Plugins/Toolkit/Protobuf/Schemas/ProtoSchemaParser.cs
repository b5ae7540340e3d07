using System.Globalization;
using System.Text.RegularExpressions;

namespace TransformFramework.Toolkit.Protobuf.Schemas;

/// <summary>Reads definitions of messages: what the files in this assembly use of the language (proto3 messages, enumerations, maps, oneof).</summary>
internal sealed partial class ProtoSchemaParser(ProtoSchema schema, string text)
{
    private readonly string[] tokens = [.. Token().Matches(Comment().Replace(text, "")).Select(match => match.Value)];
    private int position;

    public void Parse()
    {
        while (position < tokens.Length)
        {
            if (tokens[position] is "message" or "enum")
                Definition("");
            else
                position = Array.IndexOf(tokens, ";", position) + 1;
        }
    }

    private void Definition(string scope)
    {
        bool isMessage = tokens[position++] == "message";
        string name = scope + tokens[position++];
        position++;
        if (isMessage)
            Fields(schema.AddMessage(name), alternatives: null);
        else
            Values(schema.AddEnumeration(name));
    }

    private void Values(ProtoEnum enumeration)
    {
        for (; tokens[position] != "}"; position += 4)
            enumeration.Add(tokens[position], int.Parse(tokens[position + 2], CultureInfo.InvariantCulture));
        position++;
    }

    private void Fields(ProtoMessage message, string? alternatives)
    {
        while (tokens[position] != "}")
        {
            if (tokens[position] is "message" or "enum")
                Definition(message.Name + ".");
            else if (tokens[position] == "oneof")
                Alternatives(message);
            else
                Field(message, alternatives);
        }
        position++;
    }

    private void Alternatives(ProtoMessage message)
    {
        string name = tokens[position + 1];
        position += 3;
        Fields(message, name);
    }

    private void Field(ProtoMessage message, string? alternatives)
    {
        bool isRepeated = tokens[position] == "repeated";
        if (isRepeated)
            position++;
        string type = tokens[position++];
        if (type == "map")
        {
            type = Map(message);
            isRepeated = true;
        }
        string name = tokens[position];
        int number = int.Parse(tokens[position + 2], CultureInfo.InvariantCulture);
        position += 4;
        schema.Add(message, FieldOf(name, number, type, isRepeated, alternatives));
    }

    /// <summary>A map is a repeated message of key and value.</summary>
    private string Map(ProtoMessage message)
    {
        var (key, value) = (tokens[position + 1], tokens[position + 3]);
        position += 5;
        string name = tokens[position] + "Entry";
        ProtoMessage entry = schema.AddMessage($"{message.Name}.{name}");
        schema.Add(entry, FieldOf("key", 1, key, isRepeated: false, alternatives: null));
        schema.Add(entry, FieldOf("value", 2, value, isRepeated: false, alternatives: null));
        return name;
    }

    private static ProtoField FieldOf(string name, int number, string type, bool isRepeated, string? alternatives)
    {
        ProtoKind? kind = type switch
        {
            "float" => ProtoKind.Float,
            "double" => ProtoKind.Double,
            "int32" => ProtoKind.Int32,
            "int64" => ProtoKind.Int64,
            "uint32" => ProtoKind.UInt32,
            "uint64" => ProtoKind.UInt64,
            "fixed64" => ProtoKind.Fixed64,
            "bool" => ProtoKind.Bool,
            "string" => ProtoKind.String,
            "bytes" => ProtoKind.Bytes,
            _ => null,
        };
        return new(name, number, isRepeated, alternatives) { Kind = kind ?? ProtoKind.Message, TypeName = kind is null ? type : "" };
    }

    [GeneratedRegex("//[^\n]*", RegexOptions.None, 60_000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"""[^""]*""|[\w.]+|[^\s\w]", RegexOptions.None, 60_000)]
    private static partial Regex Token();
}
