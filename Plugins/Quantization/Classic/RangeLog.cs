using System.Globalization;
using System.Text;

namespace TransformFramework.Quantization.Classic;

/// <summary>Reads the lines that runs print after insert_logging: <c>…;NAME__print__;__requant_min_max:[MIN][MAX]</c>.</summary>
internal static class RangeLog
{
    private const string Marker = "__requant_min_max:";
    private const string NameSuffix = "__print__";

    /// <summary>The records in order; a line that has the marker but not the form is skipped and reported.</summary>
    public static IEnumerable<(string Name, float Min, float Max)> Read(Stream log, Action skip)
    {
        using var reader = new StreamReader(log, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (!line.Contains(NameSuffix + ";" + Marker, StringComparison.Ordinal))
                continue;
            if (Parse(line) is { } record)
                yield return record;
            else
                skip();
        }
    }

    private static (string Name, float Min, float Max)? Parse(string line)
    {
        string[] pieces = line.Split(';');
        int at = Array.FindLastIndex(pieces, piece => piece.StartsWith(Marker, StringComparison.Ordinal));
        if (at < 1 || !pieces[at - 1].EndsWith(NameSuffix, StringComparison.Ordinal))
            return null;
        string[] brackets = pieces[at].Split('[');
        if (brackets.Length != 3 || brackets[0] != Marker || Number(brackets[1]) is not { } min || Number(brackets[2]) is not { } max)
            return null;
        return (pieces[at - 1][..^NameSuffix.Length], min, max);
    }

    private static float? Number(string bracket)
    {
        string[] sides = bracket.Split(']');
        if (sides.Length != 2)
            return null;
        string text = sides[0].Trim();
        string bare = text.TrimStart('+', '-').ToLowerInvariant();
        float sign = text.StartsWith('-') ? -1f : 1f;
        if (bare is "inf" or "infinity")
            return sign * float.PositiveInfinity;
        if (bare == "nan")
            return MathF.CopySign(float.NaN, sign);
        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) ? number : null;
    }
}
