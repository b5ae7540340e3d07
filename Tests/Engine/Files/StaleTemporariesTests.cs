using TransformFramework.Engine.Files;

namespace TransformFramework.Engine.Tests.Files;

/// <summary>What a killed process left beside an output.</summary>
public sealed class StaleTemporariesTests : IDisposable
{
    private const string Number = "0123456789abcdef0123456789abcdef";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("stale");

    [Fact]
    public void Old_temporaries_of_the_output_go_and_nothing_else()
    {
        string[] stale = [$"model.{Number}.tmp", $"model.{Number}.old"];
        string[] others = ["model", "model.tmp", $"model.{Number}.bin", $"model.{Number[1..]}.tmp", $"model2.{Number}.tmp", $"model.x{Number[1..]}.tmp", $"{Number}.tmp"];
        foreach (string name in stale.Concat(others))
            Make(name, StaleTemporaries.Age + TimeSpan.FromMinutes(1));

        StaleTemporaries.Remove(Path.Combine(folder.FullName, "model"));

        Assert.Equal(others.Order(StringComparer.Ordinal), folder.EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_temporary_that_another_process_may_be_at_work_on_stays()
    {
        DirectoryInfo young = Make($"model.{Number}.tmp", StaleTemporaries.Age + TimeSpan.FromMinutes(1));
        File.SetLastWriteTimeUtc(Path.Combine(young.FullName, "file"), DateTime.UtcNow);
        Directory.SetLastWriteTimeUtc(young.FullName, DateTime.UtcNow - StaleTemporaries.Age - TimeSpan.FromMinutes(1));

        StaleTemporaries.Remove(Path.Combine(folder.FullName, "model"));

        Assert.True(young.Exists);
    }

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>A folder with a file in it, both last written some time ago.</summary>
    private DirectoryInfo Make(string name, TimeSpan age)
    {
        DirectoryInfo made = folder.CreateSubdirectory(name);
        string file = Path.Combine(made.FullName, "file");
        File.WriteAllText(file, "");
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow - age);
        Directory.SetLastWriteTimeUtc(made.FullName, DateTime.UtcNow - age);
        return made;
    }
}
