namespace TransformFramework.Host.Commands;

/// <summary>Brings option names to one spelling: <c>--in-graph</c> is <c>--in_graph</c>; of a repeated single-value option the last stays.</summary>
internal static class ArgumentSpelling
{
    public static string[] Normalize(IReadOnlyList<string> arguments, IReadOnlySet<string> repeatable, IReadOnlySet<string> switches)
    {
        var normalized = new List<Word>();
        bool options = true;
        for (int i = 0; i < arguments.Count; i++)
        {
            string word = arguments[i];
            options &= word != "--";
            if (!options || !word.StartsWith("--", StringComparison.Ordinal))
            {
                normalized.Add(new(null, [word]));
                continue;
            }
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            string name = (equals < 0 ? word : word[..equals])[2..].Replace('-', '_').Insert(0, "--");
            string spelled = equals < 0 ? name : name + word[equals..];
            bool takesNext = equals < 0 && !switches.Contains(name) && i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal);
            if (!repeatable.Contains(name))
                normalized.RemoveAll(entry => entry.Option == name);
            normalized.Add(new(name, takesNext ? [spelled, arguments[++i]] : [spelled]));
        }
        return [.. normalized.SelectMany(entry => entry.Words)];
    }

    /// <summary>An option with its value, or any other word.</summary>
    private sealed record Word(string? Option, string[] Words);
}
