using System.Text.RegularExpressions;

namespace TransformFramework.Fuzz;

/// <summary>Changes of the words of a text: numbers, names, quoted text and punctuation are exchanged, removed, doubled.</summary>
internal static partial class TextMutation
{
    private static readonly string[] Words =
    [
        "0", "-1", "1", "7", "127", "-128", "255", "2147483647", "-2147483648", "4294967296", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "1e9", "1e400", "-0.0", "nan", "inf", "-inf", "true", "false", "0x7f", "?",
        "\"\"", "\"a\"", "\"\\001\\377\"", "'", "\"", "(", ")", "[", "]", "{", "}", "<", ">", ",", ":", "=", "#", "\n", "^x", "x:1", "x:-1", "x:2147483648", "float", "int32", "string", "DT_FLOAT", "DT_STRING", "node", "attr",
    ];

    /// <summary>A copy with one to four changes.</summary>
    public static string Apply(string text, Random random)
    {
        List<string> words = [.. Word().Matches(text).Select(match => match.Value)];
        for (int count = random.Next(1, 5); count > 0 && words.Count > 0; count--)
            Once(words, random);
        return string.Concat(words);
    }

    private static void Once(List<string> words, Random random)
    {
        int at = random.Next(words.Count);
        int other = random.Next(words.Count);
        switch (random.Next(8))
        {
            case 0:
                words.RemoveAt(at);
                break;
            case 1:
                words.Insert(at, words[at]);
                break;
            case 2:
                words.InsertRange(at, words.GetRange(other, Math.Min(random.Next(1, 16), words.Count - other)));
                break;
            case 3:
                words.Insert(at, Words[random.Next(Words.Length)]);
                break;
            case 4 or 5:
                words[at] = words[other];
                break;
            default:
                words[at] = Words[random.Next(Words.Length)];
                break;
        }
    }

    [GeneratedRegex("""[\w.+-]+|"(?:[^"\\]|\\.)*"|\s+|.""", RegexOptions.Singleline)]
    private static partial Regex Word();
}
