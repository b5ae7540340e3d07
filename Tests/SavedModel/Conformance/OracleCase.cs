using System.IO.Compression;
using System.Text.Json.Nodes;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.SavedModel.Tests.Conformance;

/// <summary>A case of the oracle: a model, what it is fed, what stock TensorFlow answers.</summary>
internal sealed class OracleCase
{
    private readonly string folder;
    private readonly JsonNode json;

    private OracleCase(string folder, JsonNode json)
    {
        this.folder = folder;
        this.json = json;
    }

    private static readonly Lazy<string> Unpacked = new(Unpack);

    /// <summary>The oracle's folder with every case, or null where it is missing.</summary>
    public static string? WholeRoot => SharedFiles.Find("oracle-savedmodel");

    private static string Root => WholeRoot ?? Unpacked.Value;

    /// <summary>True when the case is there: in the oracle, or among those that are packed beside the tests.</summary>
    public static bool Exists(string name) => File.Exists(Path.Combine(Root, name, "case.json"));

    public string Model => Path.Combine(folder, json["model"]!.GetValue<string>());

    public JsonNode Expect(string signature) => json["expect"]![signature]!;

    public double Relative => json["rtol"]?.GetValue<double>() ?? 1e-5;

    public double Absolute => json["atol"]?.GetValue<double>() ?? 0;

    /// <summary>Tags to ask for, where the case says so.</summary>
    public string[] Tags => json["choose_tag"] is null ? [] : [.. json["tags"]!.AsArray().Select(tag => tag!.GetValue<string>())];

    public Dictionary<string, string> Fixed => json["set"]?.AsObject().ToDictionary(entry => entry.Key, entry => entry.Value!.ToJsonString().Trim('"'), StringComparer.Ordinal) ?? [];

    public static OracleCase Read(string name)
    {
        string path = Path.Combine(Root, name);
        return new(path, JsonNode.Parse(File.ReadAllText(Path.Combine(path, "case.json")))!);
    }

    /// <summary>Every case with its signatures.</summary>
    public static IEnumerable<(string Case, string Signature)> All() =>
        from line in File.ReadLines(Path.Combine(WholeRoot!, "index.jsonl"))
        let entry = JsonNode.Parse(line)!
        from expected in entry["expect"]!.AsObject()
        select (entry["name"]!.GetValue<string>(), expected.Key);

    /// <summary>Tensors of a signature's inputs or outputs by public name, where the file itself has no signature.</summary>
    public Dictionary<string, string> Given(string signature, string side)
    {
        string path = Path.Combine(folder, "signatures.json");
        var found = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))!["signatures"]?[signature]?[side]?.AsObject() : null;
        return found?.ToDictionary(entry => entry.Key, entry => entry.Value!["tensor"]?.GetValue<string>() ?? entry.Key, StringComparer.Ordinal) ?? [];
    }

    /// <summary>Arrays of a signature by public name, <c>/</c> written <c>__</c>.</summary>
    public Dictionary<string, Tensor> Arrays(string file, string signature)
    {
        string path = Path.Combine(folder, file);
        if (!File.Exists(path))
            return [];
        using FileStream stream = File.OpenRead(path);
        var arrays = NpzFile.Read(stream);
        string prefix = signature.Replace("/", "__", StringComparison.Ordinal) + ".";
        return arrays.Where(array => array.Key.StartsWith(prefix, StringComparison.Ordinal) && !array.Key.EndsWith(".len", StringComparison.Ordinal))
            .ToDictionary(array => array.Key[prefix.Length..], array => arrays.TryGetValue(array.Key + ".len", out Tensor? lengths) ? Lengthened(array.Value, lengths) : array.Value, StringComparer.Ordinal);
    }

    private static string Unpack()
    {
        string unpacked = Path.Combine(AppContext.BaseDirectory, "cases");
        if (!Directory.Exists(unpacked))
            ZipFile.ExtractToDirectory(Path.Combine(AppContext.BaseDirectory, "Conformance", "cases.zip"), unpacked);
        return unpacked;
    }

    /// <summary>Gives strings back the zero bytes that NumPy drops.</summary>
    private static Tensor Lengthened(Tensor strings, Tensor lengths) =>
        Tensor.FromStrings(strings.Shape, [.. strings.Strings.Zip(lengths.AsSpan<int>().ToArray(), (text, length) => (ReadOnlyMemory<byte>)(byte[])[.. text.Span, .. new byte[length - text.Length]])]);
}
