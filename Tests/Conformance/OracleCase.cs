using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Conformance;

/// <summary>What the real tool made of one graph and script.</summary>
public sealed record OracleCase(string Name, ImmutableArray<string> Inputs, ImmutableArray<string> Outputs, string Transforms, string? Error, double Tolerance, Graph Before, Graph? After, ImmutableDictionary<string, string> Files)
{
    public static IEnumerable<string> Groups() =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "oracle"), "*.zip").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal);

    public static IEnumerable<OracleCase> Read(string group)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "oracle", group + ".zip"));
        using var index = new StreamReader(archive.GetEntry("index.jsonl")!.Open());
        while (index.ReadLine() is { } line)
        {
            using JsonDocument record = JsonDocument.Parse(line);
            JsonElement root = record.RootElement;
            string name = root.GetProperty("name").GetString()!;
            string file = name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];
            string? error = root.TryGetProperty("error", out var text) ? text.GetString() : null;
            yield return new(
                name,
                Strings(root.GetProperty("inputs")),
                Strings(root.GetProperty("outputs")),
                root.GetProperty("transforms").GetString()!,
                error,
                root.TryGetProperty("tolerance", out var tolerance) ? tolerance.GetDouble() : 0,
                GraphOf(archive, file + ".in.pb"),
                error is null ? GraphOf(archive, file + ".out.pb") : null,
                root.TryGetProperty("side", out var side) ? Strings(side).ToImmutableDictionary(path => path, path => TextOf(archive, path)) : ImmutableDictionary<string, string>.Empty);
        }
    }

    private static ImmutableArray<string> Strings(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    private static string TextOf(ZipArchive archive, string path)
    {
        if (archive.GetEntry(path) is not { } entry)
            return "";
        using var reader = new StreamReader(entry.Open());
        return reader.ReadToEnd();
    }

    private static Graph GraphOf(ZipArchive archive, string entry)
    {
        using Stream stream = archive.GetEntry(entry)!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return GraphDefReader.Read(bytes.ToArray());
    }
}
