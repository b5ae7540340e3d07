using System.Text.Json;
using System.Text.Unicode;

namespace TransformFramework.Toolkit.Json;

/// <summary>Parses JSON of which every text is known to be Unicode, so that taking one out cannot fail later.</summary>
public static class StrictJson
{
    /// <summary>Parses UTF-8.</summary>
    /// <param name="text">The bytes, which must stay as they are as long as the result is used.</param>
    /// <param name="maxDepth">Deepest nesting.</param>
    /// <exception cref="JsonException">It is not JSON, nested deeper, or holds a text that is not Unicode.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> text, int maxDepth)
    {
        if (!Utf8.IsValid(text.Span))
            throw new JsonException("it is not UTF-8");
        var reader = new Utf8JsonReader(text.Span, new JsonReaderOptions { MaxDepth = maxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                Unescape(ref reader);
        }
        return JsonDocument.Parse(text, new() { MaxDepth = maxDepth }).RootElement;
    }

    private static void Unescape(ref Utf8JsonReader reader)
    {
        try
        {
            reader.GetString();
        }
        catch (InvalidOperationException error)
        {
            throw new JsonException("a text has half of a surrogate pair", error);
        }
    }
}
