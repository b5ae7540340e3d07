namespace TransformFramework.Workflows.Jobs;

/// <summary>Words as a POSIX shell takes them.</summary>
internal static class ShellWords
{
    private const string Plain = "-_./=:,+@%";

    /// <summary>A command line of some words.</summary>
    public static string Join(params IEnumerable<string> words) => string.Join(' ', words.Select(Quoted));

    private static string Quoted(string word) => word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || Plain.Contains(letter, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
