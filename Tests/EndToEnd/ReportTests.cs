using System.Text.Json;
using System.Text.RegularExpressions;

namespace TransformFramework.EndToEnd.Tests;

/// <summary>Every command that offers a report fills the parts that it knows.</summary>
public sealed partial class ReportTests
{
    private const string Test = "examples/01-digits/digits_test.npz?divide=255";

    [Theory]
    [InlineData("transform", "graph layers steps script", "--transforms=remove_nodes(op=Identity) fold_constants", "--check", "--inputs=Placeholder", "--outputs=DigitsNet/Predictions/Reshape_1", "--out_graph=OUT")]
    [InlineData("quantize", "graph layers timings accuracy steps script", "--data=SAMPLES", "--samples=3", "--method=min_max", "--equalize=false", "--evaluate=TEST", "--out_graph=OUT")]
    [InlineData("calibrate", "graph layers", "--data=SAMPLES", "--samples=2", "--out=OUT")]
    [InlineData("evaluate", "graph accuracy", "--data=TEST")]
    [InlineData("tune", "graph layers timings candidates script", "--data=examples/01-digits/digits_few.npz", "--max_drop=60", "--out_graph=OUT")]
    [InlineData("benchmark", "graph timings", "--runs=2", "--warmup_runs=1")]
    public void A_command_leaves_its_report(string command, string parts, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        DigitImages.Write(folder["few.npz"], count: 2);
        string[] given = [.. arguments.Select(argument => argument.Replace("OUT", folder["out.pb"], StringComparison.Ordinal).Replace("SAMPLES", Repository.DigitsSamples, StringComparison.Ordinal).Replace("TEST", Repository.PathOf(Test), StringComparison.Ordinal).Replace("examples/01-digits/digits_few.npz", folder["few.npz"], StringComparison.Ordinal))];
        string[] words = [.. command == "transform" ? Array.Empty<string>() : [command], $"--in_graph={Repository.Digits}", .. given, $"--report={folder["report.html"]}"];
        ProgramResult result = ProgramRunner.Run(words);
        Assert.True(result.ExitCode == 0, result.Error);
        using JsonDocument report = JsonDocument.Parse(Data().Match(File.ReadAllText(folder["report.html"])).Groups[1].Value);
        Assert.Equal(command, report.RootElement.GetProperty("command").GetString());
        Assert.NotEmpty(report.RootElement.GetProperty("summary").EnumerateArray());
        Assert.All(parts.Split(' '), part => Assert.True(IsFilled(report.RootElement.GetProperty(part)), part));
    }

    [Fact]
    public void Compare_leaves_its_report_as_a_page_as_Markdown_and_as_JSON()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, ProgramRunner.Run($"--in_graph={Repository.Digits}", $"--out_graph={folder["small.pb"]}", "--inputs=Placeholder", "--outputs=DigitsNet/Predictions/Reshape_1", "--transforms=round_weights(num_steps=16)").ExitCode);
        foreach (string name in new[] { "r.html", "r.md", "r.json" })
            Assert.Equal(1, ProgramRunner.Run("compare", Repository.Digits, folder["small.pb"], "--feed=Placeholder=random:1", $"--report={folder[name]}").ExitCode);
        Assert.StartsWith("# compare: ", File.ReadAllText(folder["r.md"]), StringComparison.Ordinal);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(folder["r.json"]));
        Assert.False(report.RootElement.GetProperty("succeeded").GetBoolean());
        Assert.All(["graph", "layers", "timings"], part => Assert.True(IsFilled(report.RootElement.GetProperty(part)), part));
    }

    private static bool IsFilled(JsonElement part) => part.ValueKind switch
    {
        JsonValueKind.Array => part.GetArrayLength() > 0,
        JsonValueKind.Null => false,
        _ => true,
    };

    [GeneratedRegex("<script type=\"application/json\" id=\"report\">(.*?)</script>", RegexOptions.Singleline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Data();
}
