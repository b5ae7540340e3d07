using System.IO.Compression;

namespace TransformFramework.TfLite;

/// <summary>The share of the oracle that is in the repository.</summary>
internal static class PackedOracle
{
    public static string Archive => Path.Combine(AppContext.BaseDirectory, "Files", "oracle.zip");

    /// <summary>The models that interpreters ran.</summary>
    public static IEnumerable<byte[]> Models()
    {
        using ZipArchive archive = ZipFile.OpenRead(Archive);
        foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.FullName.EndsWith(".tflite", StringComparison.Ordinal) && !entry.FullName.StartsWith("broken/", StringComparison.Ordinal)))
        {
            using Stream stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            yield return bytes.ToArray();
        }
    }
}
