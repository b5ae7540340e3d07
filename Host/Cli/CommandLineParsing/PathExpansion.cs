namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>A leading <c>~</c> in a path means the user's home, as in the original, when the shell left it.</summary>
internal static class PathExpansion
{
    public static string Expand(string path)
    {
        if (OperatingSystem.IsWindows() || (path != "~" && !path.StartsWith("~/", StringComparison.Ordinal)))
            return path;
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length == 0 ? path : home + path[1..];
    }
}
