namespace TransformFramework.Models;

/// <summary>Checks that are known not to agree, with the reason; each must still disagree.</summary>
internal static class KnownExceptions
{
    private static readonly Dictionary<string, string> Reasons = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "exceptions.tsv"))
        .Select(line => line.Split('\t'))
        .ToDictionary(columns => columns[0], columns => columns[1], StringComparer.Ordinal);

    public static void AssertAgrees(string check, string? difference)
    {
        bool isKnown = Reasons.ContainsKey(check);
        Assert.True(difference is null || isKnown, difference);
        Assert.False(difference is null && isKnown, $"{check} agrees, but exceptions.tsv lists it");
    }
}
