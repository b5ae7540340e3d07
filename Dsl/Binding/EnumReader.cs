using System.Text;

namespace TransformFramework.Dsl.Binding;

/// <summary>Reads and writes the values of enums in the script's spelling: <c>MinFirst</c> is <c>min_first</c>, and case and underscores do not count.</summary>
internal static class EnumReader
{
    public static ValueReader For(Type type)
    {
        var values = Enum.GetNames(type).ToDictionary(Spell, name => Enum.Parse(type, name), StringComparer.Ordinal);
        string known = string.Join(", ", values.Keys);
        return new ValueReader(
            string.Join('|', values.Keys),
            (name, text) => values.FirstOrDefault(pair => Bare(pair.Key) == Bare(text)).Value is { } value
                ? (value, null)
                : (null, $"Couldn't interpret the {name} argument as one of {known}:{text}"),
            value => Spell(value.ToString() ?? ""),
            $"The values are {known}.");
    }

    private static string Bare(string text) => text.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>A name with an underscore before each capital that begins a word or follows a small letter, in lower case.</summary>
    private static string Spell(string name)
    {
        var spelling = new StringBuilder(name.Length + 4);
        for (int index = 0; index < name.Length; index++)
        {
            bool beginsWord = index > 0 && char.IsUpper(name[index]) && (!char.IsUpper(name[index - 1]) || (index + 1 < name.Length && char.IsLower(name[index + 1])));
            spelling.Append(beginsWord && name[index - 1] != '_' ? "_" : "").Append(char.ToLowerInvariant(name[index]));
        }

        return spelling.ToString();
    }
}
