using System.IO.Compression;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using Xunit.Abstractions;

namespace TransformFramework.TfLite;

/// <summary>
/// What is read and written again runs in real interpreters and gives what they gave for the original. Those that an interpreter does not run as they were are left out. TFLITE_CASES=all takes
/// the whole oracle instead of the packed share.
/// </summary>
public sealed class InterpreterTests(ITestOutputHelper output)
{
    /// <summary>Kernels round single values differently.</summary>
    private const double Share = 0.97;

    [SkippableTheory]
    [InlineData("tfjs")]
    [InlineData("litert")]
    public void Written_models_run_in_interpreters(string runtime)
    {
        Skip.If(Interpreter.Folder is null, "Node or the packages of tflite-node are missing");
        bool isWhole = Environment.GetEnvironmentVariable("TFLITE_CASES") == "all" && SharedFiles.Find("oracle-tflite") is not null;
        string folder = isWhole ? SharedFiles.Find("oracle-tflite")! : Directory.CreateTempSubdirectory("tflite").FullName;
        try
        {
            if (!isWhole)
                ZipFile.ExtractToDirectory(PackedOracle.Archive, folder);
            string[] wrong = [.. Differences(runtime, folder, out int count)];
            foreach (string line in wrong)
                output.WriteLine(line);
            output.WriteLine($"{count - wrong.Length} of {count} agree");
            Assert.NotEqual(0, count);
            Assert.True(wrong.Length <= (1 - Share) * count, string.Join('\n', wrong));
        }
        finally
        {
            if (!isWhole)
                Directory.Delete(folder, recursive: true);
        }
    }

    private static List<string> Differences(string runtime, string folder, out int count)
    {
        var cases = new List<(OracleCase Test, byte[] Model, Tensor[] Feeds)>();
        foreach (var (name, _) in OracleCase.Index(folder).Where(entry => entry.HasOutputs && !entry.Name.Contains("int16x8", StringComparison.Ordinal)))
        {
            var test = new OracleCase(name, folder);
            if (test.NodeFails(runtime) || test.StackedOutputs().Any(want => want is null) || test.StackedFeeds() is not { } feeds || Read(test) is not { } content)
                continue;
            cases.Add((test, TfLiteFormat.Encode(content, new ModelWriteOptions(), CancellationToken.None), feeds));
        }
        count = cases.Count;
        var results = Interpreter.Run(runtime, [.. cases.Select(entry => (entry.Model, entry.Feeds))]);
        var wrong = new List<string>();
        for (int i = 0; i < cases.Count; i++)
        {
            if (Difference(cases[i].Test, results[i]) is { } difference)
                wrong.Add($"{cases[i].Test.Name}: {difference}");
        }
        return wrong;
    }

    private static string? Difference(OracleCase test, (Tensor[]? Outputs, string Failure) result) => result.Outputs is null ? result.Failure
        : test.StackedOutputs().Zip(result.Outputs, (want, got) => want is null ? null : test.Difference(want, got)).FirstOrDefault(difference => difference is not null);

    private static ModelContent? Read(OracleCase test)
    {
        try
        {
            return ModelRun.Read(test.Model);
        }
        catch (ModelFormatException)
        {
            return null;
        }
    }
}
