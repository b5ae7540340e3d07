namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>Texts as a POSIX shell takes them.</summary>
internal static class Shell
{
    private const string Plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=./:,@%";

    /// <summary>The text, in quotes where the shell would change it.</summary>
    public static string Quote(string text) => text.Length > 0 && text.All(Plain.Contains) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>An option with its value.</summary>
    public static string Option(string name, string value) => $"{name}={Quote(value)}";
}
