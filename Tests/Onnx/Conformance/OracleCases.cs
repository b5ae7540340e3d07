using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Onnx.Conformance;

/// <summary>Models of an oracle with what ONNX Runtime computes: <c>index.jsonl</c>, <c>NAME.npz</c> with <c>feed.INPUT</c>, <c>out.OUTPUT</c>, further runs as <c>feed2.</c>, <c>out2.</c></summary>
internal static class OracleCases
{
    public static IEnumerable<ConformanceCase> Of(string folder)
    {
        foreach (string line in File.ReadLines(Path.Combine(folder, "index.jsonl")))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            string name = json.RootElement.GetProperty("name").GetString()!;
            string file = json.RootElement.GetProperty("file").GetString()!;
            double tolerance = json.RootElement.TryGetProperty("tolerance", out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 1e-4;
            yield return new(name, Path.Combine(folder, file), tolerance, signature => Runs(Path.Combine(folder, name + ".npz"), [.. signature.Inputs.Select(input => input.Name)], [.. signature.Outputs.Select(output => output.Name)]));
        }
    }

    private static IEnumerable<ConformanceFeed> Runs(string path, string[] inputs, string[] outputs)
    {
        if (!File.Exists(path))
            yield break;
        using Stream stream = File.OpenRead(path);
        var arrays = NpzFile.Read(stream);
        for (int run = 1; run < 10; run++)
        {
            string number = run == 1 ? "" : FormattableString.Invariant($"{run}");
            var results = Named(arrays, $"out{number}.", outputs);
            if (results.Count == 0)
                yield break;
            yield return new(Named(arrays, $"feed{number}.", inputs), results);
        }
    }

    private static Dictionary<string, Tensor> Named(IReadOnlyDictionary<string, Tensor> arrays, string prefix, string[] names) =>
        names.Select(name => (name, key: prefix + name.Replace("/", "__", StringComparison.Ordinal).Replace(':', ';'))).Where(pair => arrays.ContainsKey(pair.key))
            .ToDictionary(pair => pair.name, pair => arrays[pair.key], StringComparer.Ordinal);
}
