using System.Collections.Frozen;
using System.IO.Compression;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Cpu.Oracle;

/// <summary>The packed kernel oracle: what real kernels answered, by op.</summary>
internal static class KernelOracle
{
    private static readonly Lazy<FrozenDictionary<string, List<JsonElement>>> Index = new(ReadIndex);

    /// <summary>Group names: an op, or an op followed by <c>-mkl</c>.</summary>
    public static IEnumerable<string> Groups => Index.Value.Keys.Order(StringComparer.Ordinal);

    public static List<OracleRecord> Records(string group)
    {
        using var archive = Open();
        var arrays = archive.GetEntry(group + ".npz") is { } entry ? ReadArrays(entry) : new Dictionary<string, Tensor>();
        return [.. Index.Value[group].Select(json => new OracleRecord(json, arrays))];
    }

    private static IReadOnlyDictionary<string, Tensor> ReadArrays(ZipArchiveEntry entry)
    {
        using var bytes = new MemoryStream();
        using (Stream stream = entry.Open())
            stream.CopyTo(bytes);
        bytes.Position = 0;
        return NpzFile.Read(bytes);
    }

    private static FrozenDictionary<string, List<JsonElement>> ReadIndex()
    {
        using var archive = Open();
        return ReadLines(archive, "index.jsonl", "").Concat(ReadLines(archive, "index-mkl.jsonl", "-mkl"))
            .GroupBy(line => line.Group, line => line.Json)
            .ToFrozenDictionary(group => group.Key, group => group.ToList());
    }

    private static List<(string Group, JsonElement Json)> ReadLines(ZipArchive archive, string name, string suffix)
    {
        using var reader = new StreamReader(archive.GetEntry(name)!.Open());
        var lines = new List<(string, JsonElement)>();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            JsonElement json = JsonDocument.Parse(line).RootElement;
            lines.Add((json.GetProperty("op").GetString() + suffix, json));
        }
        return lines;
    }

    private static ZipArchive Open() => ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "Oracle", "kernels.zip"));
}
