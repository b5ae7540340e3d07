using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.WeightManifests;

/// <summary>How a weight is stored when it is not stored as it is.</summary>
/// <param name="Stored"><c>uint8</c>, <c>uint16</c> or <c>float16</c>.</param>
/// <param name="Scale">Factor of stored integers.</param>
/// <param name="Minimum">Value of the stored 0.</param>
public sealed record WeightQuantization(DataType Stored, double Scale, double Minimum);

/// <summary>A weight of a TensorFlow.js model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Element type of its value.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Quantization">How it is packed; null for values as they are.</param>
public sealed record ManifestWeight(string Name, DataType Type, TensorShape Shape, WeightQuantization? Quantization);

/// <summary>
/// The weights of a TensorFlow.js model: groups of weights, each stored one after the other in a chain of shard files beside <c>model.json</c>.
/// </summary>
public sealed class WeightManifest
{
    private readonly ImmutableArray<(ImmutableArray<string> Paths, ImmutableArray<ManifestWeight> Weights)> groups;
    private readonly string folder;

    private WeightManifest(ImmutableArray<(ImmutableArray<string> Paths, ImmutableArray<ManifestWeight> Weights)> groups, string folder)
    {
        this.groups = groups;
        this.folder = folder;
    }

    /// <summary>Reads <c>weightsManifest</c>.</summary>
    /// <param name="model">The object of <c>model.json</c>.</param>
    /// <param name="folder">Folder of <c>model.json</c> in its source, with its last slash; empty for none.</param>
    /// <exception cref="ModelFormatException">It is missing or malformed.</exception>
    public static WeightManifest Parse(JsonElement model, string folder)
    {
        if (!model.TryGetProperty("weightsManifest", out JsonElement manifest) || manifest.ValueKind != JsonValueKind.Array)
            throw Malformed("weightsManifest is missing", "The file holds a topology without weights; convert the model again.");
        return new([.. manifest.EnumerateArray().Select(Group)], folder);
    }

    /// <summary>Reads every weight.</summary>
    /// <exception cref="ModelFormatException">A shard is missing or shorter than its weights.</exception>
    public IReadOnlyDictionary<string, Tensor> Read(ModelSource source, CancellationToken cancellation)
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (paths, weights) in groups)
        {
            var shards = new ShardReader([.. paths.Select(path => (path, source.Find(folder + path) ?? throw MissingShard(path)))]);
            foreach (ManifestWeight weight in weights)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!tensors.TryAdd(weight.Name, WeightDecoder.Decode(weight, shards)))
                    throw Malformed($"the weight '{weight.Name}' is listed twice", null);
            }
        }
        return tensors;
    }

    /// <summary>The weights in the order of the manifest.</summary>
    public IEnumerable<ManifestWeight> Weights => groups.SelectMany(group => group.Weights);

    private static (ImmutableArray<string> Paths, ImmutableArray<ManifestWeight> Weights) Group(JsonElement group)
    {
        if (group.ValueKind != JsonValueKind.Object || !group.TryGetProperty("paths", out JsonElement paths) || paths.ValueKind != JsonValueKind.Array
            || !group.TryGetProperty("weights", out JsonElement weights) || weights.ValueKind != JsonValueKind.Array)
            throw Malformed("a group of weightsManifest has no paths or no weights", null);
        return ([.. paths.EnumerateArray().Select(path => Text(path) ?? throw Malformed("a path of weightsManifest is not a text", null))], [.. weights.EnumerateArray().Select(Weight)]);
    }

    private static ManifestWeight Weight(JsonElement weight)
    {
        string name = weight.ValueKind == JsonValueKind.Object && weight.TryGetProperty("name", out JsonElement given) ? Text(given) ?? "" : "";
        if (name.Length == 0 || !weight.TryGetProperty("dtype", out JsonElement type) || !weight.TryGetProperty("shape", out JsonElement shape))
            throw Malformed("a weight of weightsManifest lacks name, dtype or shape", null);
        return new(name, TypeOf(Text(type) ?? "", name), ShapeOf(shape, name), weight.TryGetProperty("quantization", out JsonElement quantization) && quantization.ValueKind == JsonValueKind.Object ? QuantizationOf(quantization, name) : null);
    }

    private static WeightQuantization QuantizationOf(JsonElement quantization, string name)
    {
        string stored = quantization.TryGetProperty("dtype", out JsonElement type) ? Text(type) ?? "" : "";
        return stored switch
        {
            "float16" => new(DataType.Half, 1, 0),
            "uint8" => new(DataType.UInt8, Number(quantization, "scale", name), Number(quantization, "min", name)),
            "uint16" => new(DataType.UInt16, Number(quantization, "scale", name), Number(quantization, "min", name)),
            _ => throw Malformed($"the weight '{name}' is packed as '{stored}', which is not known", null),
        };
    }

    private static double Number(JsonElement element, string key, string name) =>
        element.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw Malformed($"the packing of weight '{name}' lacks {key}", null);

    private static DataType TypeOf(string type, string name) => type switch
    {
        "float32" => DataType.Float,
        "int32" => DataType.Int32,
        "bool" => DataType.Bool,
        "string" => DataType.String,
        "complex64" => DataType.Complex64,
        "float16" => DataType.Half,
        "uint8" => DataType.UInt8,
        _ => throw Malformed($"the weight '{name}' has the type '{type}', which TensorFlow.js does not have", null),
    };

    private static TensorShape ShapeOf(JsonElement shape, string name)
    {
        if (shape.ValueKind != JsonValueKind.Array)
            throw Malformed($"the shape of weight '{name}' is not a list", null);
        long[] dimensions = [.. shape.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long size) && size >= 0 ? size : throw Malformed($"the shape of weight '{name}' is not one of sizes", null))];
        TensorShape result = TensorShape.Of(dimensions);
        return result.TryCount(out long count) && count <= Array.MaxLength ? result : throw Malformed($"the weight '{name}' has too many elements", null);
    }

    private static string? Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    private static ModelFormatException MissingShard(string path) => Malformed($"the shard '{path}' is missing", "Copy all shards beside model.json.");

    internal static ModelFormatException Malformed(string message, string? suggestion) => new(message) { DiagnosticId = ToolkitDiagnostics.MalformedManifest.Id, Suggestion = suggestion };
}
