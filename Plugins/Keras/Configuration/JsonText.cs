using System.Text;
using System.Text.Json;
using TransformFramework.Toolkit.Json;

namespace TransformFramework.Keras.Configuration;

/// <summary>Reads JSON as Python writes it: <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> are numbers there, and become strings of that spelling.</summary>
internal static class JsonText
{
    /// <summary>Deepest nesting that a model's configuration may have.</summary>
    private const int MaxDepth = 512;

    private static readonly string[] Words = ["-Infinity", "Infinity", "NaN"];

    /// <summary>Parses a text.</summary>
    /// <exception cref="KerasException">It is not JSON; the message names <paramref name="part"/>.</exception>
    public static JsonElement Parse(string text, string part)
    {
        try
        {
            return StrictJson.Parse(Encoding.UTF8.GetBytes(Quote(text)), MaxDepth);
        }
        catch (JsonException error)
        {
            throw new KerasException(KerasDiagnostics.DamagedFile, $"{part} is not JSON: {error.Message}");
        }
    }

    private static string Quote(string text)
    {
        if (!text.Contains("NaN", StringComparison.Ordinal) && !text.Contains("Infinity", StringComparison.Ordinal))
            return text;
        var quoted = new StringBuilder(text.Length + 16);
        bool inString = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (inString && text[i] == '\\' && i + 1 < text.Length)
            {
                quoted.Append(text, i++, 2);
                continue;
            }
            if (text[i] == '"')
                inString = !inString;
            string? word = inString ? null : Array.Find(Words, word => string.CompareOrdinal(text, i, word, 0, word.Length) == 0);
            if (word is null)
            {
                quoted.Append(text[i]);
                continue;
            }
            quoted.Append('"').Append(word).Append('"');
            i += word.Length - 1;
        }
        return quoted.ToString();
    }
}
