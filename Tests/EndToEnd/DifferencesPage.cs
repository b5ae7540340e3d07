using System.Text;
using System.Text.Json;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>Writes docs/differences.md from the lists that the conformance and kernel tests hold the code to.</summary>
internal static class DifferencesPage
{
    private static readonly Dictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        ["crash"] = "the original crashes, hangs or is undefined",
        ["mistake"] = "the original silently ignores a mistake in the script",
        ["extension"] = "an extension of the script language",
        ["release"] = "a name that another release of the original registers",
    };

    public static string Write()
    {
        var page = new StringBuilder();
        page.Append("""
            # Differences from the original

            Generated from Tests/Conformance/differences.jsonl and Tests/Cpu/Oracle/deviations.jsonl; `UPDATE_PAGES=1 dotnet test Tests/EndToEnd` writes it again.

            By default a transform declines what would break a graph; [architecture.md](architecture.md) has the table of the two modes, and each transform's
            [page](transforms/) says what it declines. With `--verbatim` a run writes what the original writes, flaws included, but for what is listed here. Every case has been
            run with the real tool.

            ## Scripts and transforms

            | difference | kind | diagnostic | cases |
            |---|---|---|---|

            """);
        var differences = Read("Tests/Conformance/differences.jsonl").GroupBy(entry => (Reason: Text(entry, "reason"), Kind: Text(entry, "kind"), Id: Text(entry, "diagnostic")));
        foreach (var group in differences)
            page.Append($"| {group.Key.Reason} | {Kinds[group.Key.Kind]} | {group.Key.Id} | {Names(group, "case")} |\n");
        page.Append("\n## Kernels\n\n| difference | cases |\n|---|---|\n");
        foreach (var group in Read("Tests/Cpu/Oracle/deviations.jsonl").GroupBy(entry => Text(entry, "reason"), StringComparer.Ordinal))
            page.Append($"| {group.Key} | {Names(group, "id")} |\n");
        return page.ToString();
    }

    private static IEnumerable<JsonElement> Read(string file) =>
        File.ReadLines(Repository.PathOf(file)).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement);

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString()!;

    private static string Names(IEnumerable<JsonElement> entries, string name) => string.Join(", ", entries.Select(entry => $"`{Text(entry, name)}`"));
}
