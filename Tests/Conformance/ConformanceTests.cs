using System.Text.Json;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Transforms;
using Xunit.Abstractions;

namespace TransformFramework.Conformance;

/// <summary>Every recorded case of the real tool, run as users run scripts, under <c>--verbatim</c>.</summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    private static readonly string[] Kinds = ["crash", "mistake", "extension", "release"];

    private static readonly Lazy<PluginCatalog> Catalog = new(() => PluginCatalog.Discover([]));
    private static readonly Lazy<Dictionary<string, string>> Differences = new(ReadDifferences);

    public static TheoryData<string> Groups() => new(OracleCase.Groups());

    [Theory]
    [MemberData(nameof(Groups))]
    public void Group_agrees_with_the_original(string group)
    {
        var wrong = new List<string>();
        int agreed = 0;
        foreach (OracleCase @case in OracleCase.Read(group))
        {
            string? disagreement = Disagreement(@case);
            bool isListed = Differences.Value.ContainsKey(@case.Name);
            if (disagreement is null && isListed)
                wrong.Add($"{@case.Name}: agrees, but differences.jsonl lists it");
            else if (disagreement is not null && !isListed)
                wrong.Add($"{@case.Name}: {disagreement}");
            else
                agreed++;
        }
        output.WriteLine($"{group}: {agreed} agree or differ as listed, {wrong.Count} disagree");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {agreed + wrong.Count} cases disagree:\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public void Every_listed_difference_is_a_case_of_a_known_kind()
    {
        var names = OracleCase.Groups().SelectMany(OracleCase.Read).Select(@case => @case.Name).ToHashSet(StringComparer.Ordinal);
        Assert.All(Differences.Value, difference =>
        {
            Assert.Contains(difference.Key, names);
            Assert.Contains(difference.Value, Kinds);
        });
    }

    private static string? Disagreement(OracleCase @case)
    {
        var parsed = ScriptParser.Parse(@case.Transforms);
        string? expected = @case.Error?[..@case.Error.IndexOf(':', StringComparison.Ordinal)].Replace("Error", "", StringComparison.Ordinal);
        if (parsed.Script is null)
            return expected == nameof(StatusKind.InvalidArgument) ? null : $"syntax error {parsed.Diagnostics[0].Message}, expected {@case.Error ?? "success"}";
        string folder = Directory.CreateTempSubdirectory("conformance").FullName;
        try
        {
            foreach (var (path, text) in @case.Files)
                File.WriteAllText(Path.Combine(folder, path), text);
            return Disagreement(@case, parsed.Script, expected, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? Disagreement(OracleCase @case, Script script, string? expected, string folder)
    {
        var options = new PipelineOptions { BaseFolder = folder, InputNames = @case.Inputs, OutputNames = @case.Outputs, Mode = TransformMode.Verbatim };
        var result = new PipelineRunner(Catalog.Value).Run(@case.Before, script, options, CancellationToken.None);
        if (result.Failure is { } failure)
            return failure.Kind.ToString() == expected ? null : $"fails with {failure.Kind} ({failure.Diagnostic.Message}), expected {@case.Error ?? "success"}";
        if (expected is not null)
            return $"succeeds, expected {@case.Error}";
        return GraphComparison.FirstDifference(@case.After!, result.Graph!, @case.Tolerance);
    }

    private static Dictionary<string, string> ReadDifferences() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "differences.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(record => record.GetProperty("case").GetString()!, record => record.GetProperty("kind").GetString()!, StringComparer.Ordinal);
}
