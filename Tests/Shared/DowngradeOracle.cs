using System.IO.Compression;
using System.Text.Json;

namespace TransformFramework;

/// <summary>The graphs of oracle-downgrade: what TensorFlow 2.12 or 2.21 wrote, what older releases took instead, and what both compute. From ../shared where it is there, else from the copy beside the tests.</summary>
internal static class DowngradeOracle
{
    private static readonly string? Folder = SharedFiles.Find("oracle-downgrade/index.jsonl") is { } index ? Path.GetDirectoryName(index) : null;

    /// <summary>What is known of each case.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Cases { get; } = System.Text.Encoding.UTF8.GetString(Read("index.jsonl")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(entry => entry.GetProperty("name").GetString()!, StringComparer.Ordinal);

    /// <summary>The content of a file.</summary>
    public static byte[] Read(string name)
    {
        if (Folder is not null)
            return File.ReadAllBytes(Path.Combine(Folder, name));
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "oracle-downgrade.zip"));
        using Stream entry = archive.GetEntry(name)!.Open();
        using var content = new MemoryStream();
        entry.CopyTo(content);
        return content.ToArray();
    }
}
