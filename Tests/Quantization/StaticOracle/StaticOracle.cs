using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Quantization.Tests.StaticOracle;

/// <summary>A graph of static 8-bit ops with what TensorFlow 2.12 computes from it; of nets also the float graph and the script that makes the graph from it.</summary>
/// <param name="Name">Name of the files.</param>
/// <param name="Script">The step that makes the graph, or empty.</param>
/// <param name="Outputs">Outputs for the script.</param>
internal sealed record StaticCase(string Name, string Script, ImmutableArray<string> Outputs)
{
    public Graph Golden => GraphDefReader.Read(Files.Read(Name + ".pb"));

    public Graph Float => GraphDefReader.Read(Files.Read(Name + ".float.pb"));

    public IReadOnlyDictionary<string, Tensor> Feeds => NpzFile.Read(new MemoryStream(Files.Read(Name + ".feeds.npz")));

    /// <summary>Values of tensors by TensorFlow 2.12, by <c>node:port</c>.</summary>
    public IEnumerable<(string Tensor, Tensor Value)> Expected =>
        from entry in NpzFile.Read(new MemoryStream(Files.Read(Name + ".npz")))
        where !entry.Key.StartsWith("tf221__", StringComparison.Ordinal)
        select (entry.Key.Replace("__", "/", StringComparison.Ordinal), entry.Value);

    public string Ranges => System.Text.Encoding.UTF8.GetString(Files.Read(Name + ".ranges"));

    /// <summary>The whole folder beside the repository; where it is missing, the cases that are here.</summary>
    private static readonly StaticOracleFiles Files = StaticOracleFiles.Open();

    public static ImmutableArray<StaticCase> All { get; } = [.. ReadIndex()];

    private static IEnumerable<StaticCase> ReadIndex()
    {
        foreach (string line in System.Text.Encoding.UTF8.GetString(Files.Read("index.jsonl")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var entry = JsonDocument.Parse(line);
            string script = entry.RootElement.TryGetProperty("script", out var found) ? found.GetString()! : "";
            ImmutableArray<string> outputs = entry.RootElement.TryGetProperty("outputs", out var named) ? [.. named.EnumerateArray().Select(output => output.GetString()!)] : [];
            yield return new(entry.RootElement.GetProperty("name").GetString()!, script, outputs);
        }
    }
}

/// <summary>Files of the oracle by name.</summary>
internal sealed class StaticOracleFiles(Func<string, byte[]> read)
{
    public byte[] Read(string name) => read(name);

    public static StaticOracleFiles Open()
    {
        if (SharedFiles.Find("oracle-static") is { } folder)
            return new(name => File.ReadAllBytes(Path.Combine(folder, name)));
        string archive = Path.Combine(AppContext.BaseDirectory, "StaticOracle", "oracle-static.zip");
        return new(name =>
        {
            using ZipArchive zip = ZipFile.OpenRead(archive);
            using Stream entry = zip.GetEntry(name)!.Open();
            using var copy = new MemoryStream();
            entry.CopyTo(copy);
            return copy.ToArray();
        });
    }
}
