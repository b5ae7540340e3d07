using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TransformFramework.Fuzz;

/// <summary>Damages of JSON that leave it JSON: values changed, removed, exchanged, nested.</summary>
internal static class JsonMutation
{
    private static readonly byte[][] Telling = [.. new[] { "null", "true", "-1", "0", "1", "3", "1e9", "-2147483648", "9007199254740993", "1e308", "0.5", "\"\"", "\"same\"", "\"relu\"", "\"float16\"", "\"Dense\"", "[]", "[1, 2]", "[[1]]", "{}", "{\"class_name\": \"Add\", \"config\": {}}" }.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The text with one to four damages.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static byte[] Apply(byte[] text, Random random)
    {
        for (int count = random.Next(1, 5); count > 0; count--)
        {
            List<Entry> entries = Entries(text);
            Entry entry = entries[random.Next(entries.Count)];
            text = entry.Start > 0 && random.Next(4) == 0 ? Without(text, entry) : [.. text.AsSpan(0, entry.Value), .. Other(text, entry, entries, random), .. text.AsSpan(entry.End)];
        }
        return text;
    }

    private static ReadOnlySpan<byte> Other(byte[] text, Entry entry, List<Entry> entries, Random random)
    {
        if (random.Next(6) == 0)
        {
            Entry other = entries[random.Next(entries.Count)];
            return text.AsSpan(other.Value, other.End - other.Value);
        }
        return random.Next(2) == 0 && double.TryParse(text.AsSpan(entry.Value, entry.End - entry.Value), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? Encoding.UTF8.GetBytes((number + random.Next(-3, 4)).ToString("R", CultureInfo.InvariantCulture))
            : Telling[random.Next(Telling.Length)];
    }

    /// <summary>The text without an item or property, and without the comma after it or before it.</summary>
    private static byte[] Without(byte[] text, Entry entry)
    {
        ReadOnlySpan<byte> before = text.AsSpan(0, entry.Start).TrimEnd(" \t\r\n"u8);
        ReadOnlySpan<byte> after = text.AsSpan(entry.End).TrimStart(" \t\r\n"u8);
        if (after is [(byte)',', ..])
            return [.. before, .. after[1..]];
        return before is [.. var others, (byte)','] ? [.. others, .. after] : [.. before, .. after];
    }

    private static List<Entry> Entries(byte[] text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 512 });
        var entries = new List<Entry>();
        var open = new Stack<int>();
        int name = -1;
        while (reader.Read())
        {
            int at = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = at;
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    entries[open.Peek()] = entries[open.Pop()] with { End = (int)reader.BytesConsumed };
                    continue;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    open.Push(entries.Count);
                    break;
            }
            entries.Add(new(name < 0 ? at : name, at, (int)reader.BytesConsumed));
            name = -1;
        }
        return entries;
    }

    /// <summary>A value.</summary>
    /// <param name="Start">Where it begins, with the name of the property that it is of.</param>
    /// <param name="Value">Where the value itself begins.</param>
    /// <param name="End">Where it ends.</param>
    private readonly record struct Entry(int Start, int Value, int End);
}
