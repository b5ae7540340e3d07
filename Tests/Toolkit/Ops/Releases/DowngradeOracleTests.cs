using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Toolkit.Tests.Ops.Releases;

/// <summary>The graphs of oracle-downgrade: what TensorFlow 2.12 or 2.21 wrote, and what the target took instead.</summary>
public sealed class DowngradeOracleTests
{
    public static TheoryData<string> Cases => [.. Lines().Select(line => line.GetProperty("name").GetString()!).DefaultIfEmpty("")];

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Refuses_what_came_before_by_each_entry_that_the_target_lacks(string name)
    {
        JsonElement line = Line(name);
        var problems = ReleaseVerifier.Verify(Read($"{name}.before.pb"), Target(line));
        string?[] lacking = [.. line.GetProperty("lacking").EnumerateArray().Select(entry => entry.GetString())];
        Assert.Equal(lacking.Length > 0, problems.Length > 0);
        Assert.Empty(lacking.Except(problems.Select(problem => problem.Entry)));
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Accepts_what_the_target_ran(string name) => Assert.Empty(ReleaseVerifier.Verify(Read($"{name}.after.pb"), Target(Line(name))));

    private static TensorFlowRelease Target(JsonElement line) => TensorFlowRelease.Find(line.GetProperty("target").GetString()!)!;

    private static JsonElement Line(string name)
    {
        Skip.If(name.Length == 0, "shared/oracle-downgrade is missing");
        return Lines().First(line => line.GetProperty("name").GetString() == name);
    }

    private static Graph Read(string file) => GraphDefReader.Read(File.ReadAllBytes(SharedFiles.Find($"oracle-downgrade/{file}")!));

    private static IEnumerable<JsonElement> Lines() =>
        SharedFiles.Find("oracle-downgrade/index.jsonl") is { } index ? File.ReadLines(index).Select(line => JsonDocument.Parse(line).RootElement) : [];
}
