using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>The schema of what commands write with --json is whole, and its page shows it. Each test that runs the host with --json holds the output to it.</summary>
public sealed partial class OutputSchemaTests : IDisposable
{
    /// <summary>Commands that speak a protocol of their own, or write files for this repository.</summary>
    private static readonly string[] WithoutJson = ["mcp", "lsp", "docs"];

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Every_command_has_a_definition()
    {
        string help = ProgramRunner.Run("--help").Output;
        string[] commands = [.. CommandRow().Matches(help[help.IndexOf("Other commands", StringComparison.Ordinal)..]).Select(row => row.Groups["name"].Value).Except(WithoutJson)];
        Assert.Contains("quantize", commands);
        Assert.Equal([], commands.Where(command => !OutputSchema.Describes(command)));
    }

    [Fact]
    public void The_page_lists_every_definition()
    {
        string path = Repository.PathOf("docs/json.md");
        string page = File.ReadAllText(path);
        string current = Table().Replace(page, match => match.Groups["start"].Value + Rows() + match.Groups["end"].Value);
        if (Environment.GetEnvironmentVariable("UPDATE_PAGES") == "1")
            File.WriteAllText(path, current);
        Assert.True(page == current, "docs/json.md is stale; UPDATE_PAGES=1 dotnet test Tests/EndToEnd writes it");
    }

    [Theory]
    [InlineData("list")]
    [InlineData("plugins")]
    [InlineData("describe", "quantize")]
    [InlineData("describe", "TFX1003")]
    [InlineData("completion", "fish")]
    [InlineData("fmt", "script.gtt")]
    [InlineData("lint", "script.gtt")]
    [InlineData("summarize", "graph.gtxt")]
    [InlineData("view", "graph.gtxt")]
    [InlineData("diff", "graph.gtxt", "other.gtxt")]
    [InlineData("run", "graph.gtxt", "--feed=x=nan,1")]
    [InlineData("compare", "graph.gtxt", "other.gtxt", "--feed=x=1,2", "--layers")]
    [InlineData("convert", "graph.gtxt", "--out=out.pb")]
    [InlineData("run", "none.pb")]
    public void What_a_command_writes_is_as_the_schema_says(params string[] words)
    {
        folder.Write("script.gtt", "remove_nodes(op=Identity) remove_nodes(op=Identity)");
        folder.Write("graph.gtxt", "x = Placeholder() {dtype=float, shape=(2)}\ny = Relu(x) {T=float}\n");
        folder.Write("other.gtxt", "x = Placeholder() {dtype=float, shape=(2)}\ny = Neg(x) {T=float}\n");
        Assert.StartsWith("{", new ProgramRunner { WorkingDirectory = folder.Path }.Start([.. words, "--json"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_schema_takes_neither_other_fields_nor_other_types()
    {
        Assert.True(OutputSchema.IsOf("fmt", Parsed("""{"schema_version": 1, "script": "a"}""")));
        Assert.False(OutputSchema.IsOf("fmt", Parsed("""{"schema_version": 1, "script": 1}""")));
        Assert.False(OutputSchema.IsOf("fmt", Parsed("""{"schema_version": 1, "script": "a", "more": 1}""")));
        Assert.False(OutputSchema.IsOf("fmt", Parsed("""{"schema_version": 1}""")));
    }

    public void Dispose() => folder.Dispose();

    private static string Rows()
    {
        var rows = new StringBuilder("| command | definition | writes |\n|---|---|---|\n");
        foreach (var (name, description) in OutputSchema.Outputs())
            rows.Append($"| {(OutputSchema.CommandOf(name) is { } command ? $"`{command}`" : "")} | `{name}` | {description} |\n");
        return rows.ToString();
    }

    private static JsonElement Parsed(string text) => JsonDocument.Parse(text).RootElement;

    [GeneratedRegex(@"^  (?<name>[a-z_]+)(, [a-z_]+)*  ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CommandRow();

    [GeneratedRegex(@"(?<start><!-- table -->\n).*?(?<end><!-- end of table -->)", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Table();
}
