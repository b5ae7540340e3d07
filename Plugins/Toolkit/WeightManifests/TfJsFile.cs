using System.Text;
using System.Text.Json;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Json;

namespace TransformFramework.Toolkit.WeightManifests;

/// <summary>Kinds of TensorFlow.js models.</summary>
public enum TfJsKind
{
    /// <summary>Not a TensorFlow.js model.</summary>
    None,

    /// <summary>A TensorFlow graph as JSON.</summary>
    Graph,

    /// <summary>The configuration of a Keras model.</summary>
    Layers,
}

/// <summary>The file <c>model.json</c> of a TensorFlow.js model.</summary>
public static class TfJsFile
{
    private const int HeadLength = 4096;
    private const int MaxDepth = 256;

    /// <summary>The file of a source: the named one, or <c>model.json</c> of a folder; null when there is none.</summary>
    public static ModelSourceFile? Find(ModelSource source) => source.Main ?? source.Find("model.json");

    /// <summary>What a source is, told by the first kilobytes of the file.</summary>
    public static TfJsKind KindOf(ModelSource source)
    {
        if (Find(source) is not { } file)
            return TfJsKind.None;
        string head = Encoding.UTF8.GetString(file.Slice(0, (int)Math.Min(file.Length, HeadLength)).Span).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        if (!head.StartsWith('{') || !head.Contains("\"modelTopology\"", StringComparison.Ordinal))
            return TfJsKind.None;
        if (head.Contains("\"graph-model\"", StringComparison.Ordinal))
            return TfJsKind.Graph;
        bool isLayers = head.Contains("\"layers-model\"", StringComparison.Ordinal) || head.Contains("\"model_config\"", StringComparison.Ordinal) || head.Contains("\"class_name\"", StringComparison.Ordinal);
        return isLayers ? TfJsKind.Layers : head.Contains("\"node\"", StringComparison.Ordinal) ? TfJsKind.Graph : TfJsKind.None;
    }

    /// <summary>Parses the file.</summary>
    /// <exception cref="ModelFormatException">It is not an object of JSON.</exception>
    public static JsonElement Parse(ModelSourceFile file)
    {
        if (file.Length > int.MaxValue)
            throw WeightManifest.Malformed("model.json is longer than 2 GiB", null);
        try
        {
            ReadOnlyMemory<byte> bytes = file.Slice(0, (int)file.Length);
            JsonElement root = StrictJson.Parse(bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes, MaxDepth);
            return root.ValueKind == JsonValueKind.Object ? root : throw WeightManifest.Malformed("model.json is not an object", null);
        }
        catch (JsonException error)
        {
            throw WeightManifest.Malformed($"model.json is not JSON: {error.Message}", "The file is cut or changed; copy it again.");
        }
    }
}
