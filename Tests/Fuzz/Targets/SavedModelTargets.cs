using System.IO.Compression;
using TransformFramework.ModelFiles;
using TransformFramework.SavedModel;

namespace TransformFramework.Fuzz.Targets;

/// <summary>SavedModels and checkpoints of the packed conformance cases.</summary>
internal static class SavedModelTargets
{
    public static FuzzTarget SavedModels() => new("saved_model", [.. Cases(name => name.Contains("/saved_model/", StringComparison.Ordinal), "/saved_model/")], new SavedModelFormat(), ModelReadOptions.Default);

    public static FuzzTarget Checkpoints() => new("checkpoint", [.. Cases(name => name.StartsWith("ck_", StringComparison.Ordinal) && !name.EndsWith(".npz", StringComparison.Ordinal) && !name.EndsWith(".json", StringComparison.Ordinal), "/")], new SavedModelFormat(), ModelReadOptions.Default);

    private static IEnumerable<Dictionary<string, byte[]>> Cases(Func<string, bool> isWanted, string root)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "cases.zip"));
        var entries = archive.Entries.Where(entry => entry.Length > 0 && isWanted(entry.FullName)).ToLookup(entry => entry.FullName[..entry.FullName.IndexOf('/', StringComparison.Ordinal)]);
        var cases = new List<Dictionary<string, byte[]>>();
        foreach (var files in entries)
            cases.Add(files.ToDictionary(entry => entry.FullName[(files.Key.Length + root.Length)..], Content, StringComparer.Ordinal));
        return cases;
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }
}
