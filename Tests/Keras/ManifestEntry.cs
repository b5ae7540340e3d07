using System.Text.Json;

namespace TransformFramework.Keras.Tests;

/// <summary>A line of the manifest.</summary>
/// <param name="Case">Name of the case.</param>
/// <param name="Result"><c>equal</c>, <c>refuse</c> or <c>pending</c>.</param>
/// <param name="Reason">Why it is pending.</param>
/// <param name="Files">Files that are pending; empty for all of the case.</param>
/// <param name="Classes">Layers and functions of the case by the versions of TensorFlow 1, Keras 2 and 3 that wrote a file which is read.</param>
internal sealed record ManifestEntry(string Case, string Result, string Reason, string[] Files, Dictionary<string, string[]> Classes)
{
    public string Reason { get; } = Reason ?? "";

    public Dictionary<string, string[]> Classes { get; } = Classes ?? [];

    /// <summary>The manifest by case.</summary>
    public static IReadOnlyDictionary<string, ManifestEntry> Read() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", "manifest.jsonl")).Select(line => JsonSerializer.Deserialize<ManifestEntry>(line, JsonSerializerOptions.Web)!).ToDictionary(entry => entry.Case, StringComparer.Ordinal);

    /// <summary>True for a file that is not expected to work.</summary>
    public bool IsPending(string file) => Result == "pending" && (Files is not { Length: > 0 } || Files.Contains(file));
}
