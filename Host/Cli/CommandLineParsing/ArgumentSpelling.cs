using System.CommandLine;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>
/// Brings options to one spelling: <c>--in-graph</c> is <c>--in_graph</c>, <c>--quiet=true</c> is <c>--quiet</c>, <c>--quiet=false</c> is nothing; of a repeated single-value
/// option the last stays.
/// </summary>
internal static class ArgumentSpelling
{
    /// <summary>Spells the words of a command line.</summary>
    /// <param name="arguments">The words.</param>
    /// <param name="options">Every option of every command.</param>
    /// <exception cref="CommandException">An option without a value is given one.</exception>
    public static string[] Normalize(IReadOnlyList<string> arguments, List<Option> options)
    {
        var normalized = new List<Word>();
        bool areOptions = true;
        for (int i = 0; i < arguments.Count; i++)
        {
            string word = arguments[i];
            areOptions &= word != "--";
            if (!areOptions || !word.StartsWith("--", StringComparison.Ordinal))
            {
                normalized.Add(new(null, [word]));
                continue;
            }
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            string name = "--" + (equals < 0 ? word : word[..equals])[2..].Replace('-', '_');
            string? value = equals < 0 ? null : word[(equals + 1)..];
            Option? option = options.Find(option => option.Name == name);
            if (option?.Arity.MaximumNumberOfValues is null or < 2)
                normalized.RemoveAll(entry => entry.Option == name);
            if (option?.Arity.MaximumNumberOfValues == 0)
            {
                if (IsOn(name, value))
                    normalized.Add(new(name, [name]));
                continue;
            }
            bool takesNext = value is null && option?.Arity.MinimumNumberOfValues > 0 && i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal);
            normalized.Add(new(name, takesNext ? [name, arguments[++i]] : [value is null ? name : $"{name}={value}"]));
        }
        return [.. normalized.SelectMany(entry => entry.Words)];
    }

    private static bool IsOn(string flag, string? value) => value switch
    {
        null or "true" => true,
        "false" => false,
        _ => throw CommandException.Usage($"Couldn't interpret value ={value} for flag {flag[2..]}.", $"Write {flag}, {flag}=true or {flag}=false."),
    };

    /// <summary>An option with its value, or any other word.</summary>
    private sealed record Word(string? Option, string[] Words);
}
