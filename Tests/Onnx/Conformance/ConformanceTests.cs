using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Xunit.Abstractions;

namespace TransformFramework.Onnx.Conformance;

/// <summary>
/// Models with what other runtimes compute, each listed once in a manifest: <c>equal</c>; <c>refuse</c> with the diagnostic; <c>pending</c> with a reason. A listed failure that passes
/// fails the test. Setting ONNX_MANIFESTS to a folder writes what was found there.
/// </summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    private const string InstalledTests = "/usr/share/libonnx-testdata/data";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [SkippableFact]
    public void Every_model_of_the_oracle_is_as_the_manifest_says()
    {
        string? folder = SharedFiles.Find("oracle-onnx");
        Skip.If(folder is null, "oracle-onnx is missing");
        Check("oracle.jsonl", OracleCases.Of(folder!), isWhole: true);
    }

    [Fact]
    public void Packed_models_are_as_the_manifest_says()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("onnx");
        try
        {
            ZipFile.ExtractToDirectory(Path.Combine(AppContext.BaseDirectory, "Files", "oracle.zip"), folder.FullName);
            Check("oracle.jsonl", OracleCases.Of(folder.FullName), isWhole: false);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SkippableTheory]
    [InlineData("node")]
    [InlineData("simple")]
    [InlineData("pytorch-operator")]
    [InlineData("pytorch-converted")]
    public void Every_test_of_the_standard_is_as_the_manifest_says(string group)
    {
        string folder = Path.Combine(InstalledTests, group);
        Skip.IfNot(Directory.Exists(folder), "libonnx-testdata is not installed");
        Check($"{group}.jsonl", NodeTests.Of(folder), isWhole: true);
    }

    private void Check(string manifest, IEnumerable<ConformanceCase> cases, bool isWhole)
    {
        Verdict[] verdicts = [.. cases.AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(each => each.Judge())];
        if (Environment.GetEnvironmentVariable("ONNX_MANIFESTS") is { Length: > 0 } target && isWhole)
            File.WriteAllLines(Path.Combine(target, manifest), verdicts.Select(verdict => JsonSerializer.Serialize(verdict, Json)));
        foreach (var group in verdicts.GroupBy(verdict => verdict.Expect))
            output.WriteLine($"{group.Key}: {group.Count()}");
        var listed = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Conformance", manifest)).Select(line => JsonSerializer.Deserialize<Verdict>(line, Json)!).ToDictionary(verdict => verdict.Case, StringComparer.Ordinal);
        Assert.Empty(verdicts.Where(verdict => !listed.TryGetValue(verdict.Case, out Verdict? expected) || expected.Expect != verdict.Expect || expected.Diagnostic != verdict.Diagnostic)
            .Select(verdict => $"{verdict.Case}: {verdict.Expect} {verdict.Diagnostic} ({verdict.Reason}), listed as {listed.GetValueOrDefault(verdict.Case)?.Expect ?? "nothing"}"));
        if (isWhole)
            Assert.Empty(listed.Keys.Except(verdicts.Select(verdict => verdict.Case), StringComparer.Ordinal));
    }
}
