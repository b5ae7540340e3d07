using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Toolkit.Tests.Ops.Releases;

/// <summary>The graphs of oracle-downgrade: what TensorFlow 2.12 or 2.21 wrote, and what the target took instead.</summary>
public sealed class DowngradeOracleTests
{
    public static TheoryData<string> Cases => [.. DowngradeOracle.Cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Refuses_what_came_before_by_each_entry_that_the_target_lacks(string name)
    {
        JsonElement line = DowngradeOracle.Cases[name];
        var problems = ReleaseVerifier.Verify(Read($"{name}.before.pb"), Target(line));
        string?[] lacking = [.. line.GetProperty("lacking").EnumerateArray().Select(entry => entry.GetString())];
        Assert.Equal(lacking.Length > 0, problems.Length > 0);
        Assert.Empty(lacking.Except(problems.Select(problem => problem.Entry)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Accepts_what_the_target_ran(string name) => Assert.Empty(ReleaseVerifier.Verify(Read($"{name}.after.pb"), Target(DowngradeOracle.Cases[name])));

    private static TensorFlowRelease Target(JsonElement line) => TensorFlowRelease.Find(line.GetProperty("target").GetString()!)!;

    private static Graph Read(string file) => GraphDefReader.Read(DowngradeOracle.Read(file));
}
