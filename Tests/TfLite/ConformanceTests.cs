using System.IO.Compression;
using System.Text.Json;
using TransformFramework.ModelFiles;
using Xunit.Abstractions;

namespace TransformFramework.TfLite;

/// <summary>
/// Models with what interpreters compute, each listed once in Conformance/oracle.jsonl: <c>equal</c>; <c>refuse</c> with the diagnostic; <c>pending</c> with a reason. <c>written</c> says what
/// becomes of a model that is written and read again: the <c>same</c> graph, another one that computes <c>equal</c> values, or what differs. A listed failure that passes fails the test.
/// Setting TFLITE_MANIFEST to a path writes what was found there.
/// </summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    private const string Manifest = "Conformance/oracle.jsonl";

    [SkippableFact]
    public void Every_case_is_as_the_manifest_says()
    {
        string? folder = SharedFiles.Find("oracle-tflite");
        Skip.If(folder is null, "oracle-tflite is missing");
        var cases = OracleCase.Index(folder!).Concat(BrokenFiles(folder!)).ToArray();
        Check(cases.Select(entry => Judge(new OracleCase(entry.Name, folder!), entry.HasOutputs)), isWhole: true);
    }

    [Fact]
    public void Packed_cases_are_as_the_manifest_says()
    {
        string folder = Directory.CreateTempSubdirectory("tflite").FullName;
        try
        {
            using Stream archive = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Files", "oracle.zip"));
            ZipFile.ExtractToDirectory(archive, folder);
            Check(OracleCase.Index(folder).Concat(BrokenFiles(folder)).Select(entry => Judge(new OracleCase(entry.Name, folder), entry.HasOutputs)), isWhole: false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<(string Name, bool HasOutputs)> BrokenFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(folder, "broken"), "*.tflite").Order(StringComparer.Ordinal).Select(path => ("broken/" + Path.GetFileNameWithoutExtension(path), false));

    private static Verdict Judge(OracleCase test, bool hasOutputs)
    {
        try
        {
            ModelContent content = ModelRun.Read(test.Model);
            string written = RoundTrip.Judge(test, content, hasOutputs);
            if (hasOutputs)
                return test.Compare(content) is { } difference ? new(test.Name, "pending", null, difference, written) : new(test.Name, "equal", null, null, written);
            return new(test.Name, "equal", null, test.Name.StartsWith("broken/", StringComparison.Ordinal) ? "is read" : "is read; no interpreter ran it", written);
        }
        catch (ModelFormatException error)
        {
            return new(test.Name, "refuse", error.DiagnosticId, error.Message[(error.Message.IndexOf(".tflite': ", StringComparison.Ordinal) + 10)..], null);
        }
    }

    private void Check(IEnumerable<Verdict> found, bool isWhole)
    {
        Verdict[] verdicts = [.. found];
        if (Environment.GetEnvironmentVariable("TFLITE_MANIFEST") is { Length: > 0 } path && isWhole)
            File.WriteAllLines(path, verdicts.Select(verdict => JsonSerializer.Serialize(verdict, Verdict.Json)));
        var listed = File.ReadLines(Path.Combine(AppContext.BaseDirectory, Manifest)).Select(line => JsonSerializer.Deserialize<Verdict>(line, Verdict.Json)!).ToDictionary(verdict => verdict.Case, StringComparer.Ordinal);
        string[] wrong = [.. verdicts.Where(verdict => !listed.TryGetValue(verdict.Case, out Verdict? expected) || expected.Expect != verdict.Expect || expected.Diagnostic != verdict.Diagnostic || expected.Written != verdict.Written)
            .Select(verdict => $"{verdict.Case}: {verdict.Expect} {verdict.Diagnostic} ({verdict.Reason}) written {verdict.Written}, listed as {listed.GetValueOrDefault(verdict.Case)?.Expect ?? "nothing"} {listed.GetValueOrDefault(verdict.Case)?.Written}")];
        foreach (var group in verdicts.GroupBy(verdict => verdict.Expect).Concat(verdicts.GroupBy(verdict => "written: " + verdict.Written)))
            output.WriteLine($"{group.Key}: {group.Count()}");
        Assert.Empty(wrong);
        if (isWhole)
            Assert.Empty(listed.Keys.Except(verdicts.Select(verdict => verdict.Case), StringComparer.Ordinal));
    }

    private sealed record Verdict(string Case, string Expect, string? Diagnostic, string? Reason, string? Written)
    {
        public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };
    }
}
