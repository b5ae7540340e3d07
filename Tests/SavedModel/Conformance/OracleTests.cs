using System.Text.Json.Nodes;

namespace TransformFramework.SavedModel.Tests.Conformance;

/// <summary>Every case of the oracle, as the manifest lists it: <c>equal</c>, <c>refuse</c>, or <c>pending</c> with a reason. A pending case that passes fails here, so that the list stays true.</summary>
public sealed class OracleTests
{
    private static readonly Dictionary<(string, string), JsonNode> Manifest = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Conformance", "manifest.jsonl"))
        .Select(line => JsonNode.Parse(line)!)
        .ToDictionary(entry => (entry["case"]!.GetValue<string>(), entry["signature"]!.GetValue<string>()));

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var (name, signature) in Manifest.Keys)
            cases.Add(name, signature);
        return cases;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void A_case_answers_as_TensorFlow_does(string name, string signature)
    {
        Skip.IfNot(OracleCase.Exists(name), $"the case {name} of ../shared/oracle-savedmodel is not there");
        JsonNode entry = Manifest[(name, signature)];
        string? failure = OracleRun.Check(name, signature);
        bool isPending = entry["expect"]!.GetValue<string>() == "pending";
        if (isPending)
            Assert.True(failure is not null, "the case passes: list it as equal or refuse");
        else
            Assert.True(failure is null, failure);
    }

    [SkippableFact]
    public void The_manifest_lists_every_case_once()
    {
        Skip.If(OracleCase.WholeRoot is null, "../shared/oracle-savedmodel is not there");
        Assert.Equal(OracleCase.All().Order(), Manifest.Keys.Order());
    }
}
