namespace TransformFramework.Keras.Tests;

/// <summary>
/// Reads the oracle's Keras files and compares with what Keras computed. The manifest lists every case once. A run takes a sample; with the environment variable <c>KERAS_ORACLE=all</c> it takes all files.
/// A packed share runs where the oracle is missing.
/// </summary>
public sealed class ConformanceTests
{
    private const int SampleStep = 5;
    private const double MostPending = 0.01;

    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "Data");

    [Fact]
    public void The_packed_share_gives_the_outputs_of_Keras() => AssertAll(OracleFile.Of(Data));

    [SkippableFact]
    public void The_oracle_gives_the_outputs_of_Keras()
    {
        string? folder = SharedFiles.Find("oracle-keras");
        Skip.If(folder is null, "../shared/oracle-keras is missing");
        bool all = Environment.GetEnvironmentVariable("KERAS_ORACLE") == "all";
        AssertAll(OracleFile.Of(folder).Where((_, i) => all || i % SampleStep == 0));
    }

    [SkippableFact]
    public void The_manifest_lists_every_case_once_and_few_as_pending()
    {
        string? folder = SharedFiles.Find("oracle-keras");
        Skip.If(folder is null, "../shared/oracle-keras is missing");
        OracleFile[] files = [.. OracleFile.Of(folder)];
        IReadOnlyDictionary<string, ManifestEntry> manifest = ManifestEntry.Read();
        Assert.Equal(files.Select(file => file.Case).Distinct().Order(StringComparer.Ordinal), manifest.Keys.Order(StringComparer.Ordinal));
        int pending = files.Count(file => manifest[file.Case].IsPending(file.File));
        Assert.True(pending <= MostPending * files.Length, $"{pending} of {files.Length} files are pending");
        Assert.All(manifest.Values, entry => Assert.Equal(entry.Result == "pending", entry.Reason.Length > 0));
    }

    private static void AssertAll(IEnumerable<OracleFile> files)
    {
        IReadOnlyDictionary<string, ManifestEntry> manifest = ManifestEntry.Read();
        var failures = files
            .AsParallel()
            .Select(file => (file, failure: Failure(file, manifest[file.Case])))
            .Where(pair => pair.failure is not null)
            .Select(pair => $"{pair.file.File}: {pair.failure}")
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static string? Failure(OracleFile file, ManifestEntry entry)
    {
        if (entry.Result == "refuse" != !file.Words.IsDefault)
            return $"the manifest says {entry.Result}";
        string? failure = OracleRun.Check(file);
        if (!entry.IsPending(file.File))
            return failure;
        return failure is null ? "is pending in the manifest, but works" : null;
    }
}
