using System.Collections.Immutable;
using System.Text.Json;

namespace TransformFramework.Models;

/// <summary>What the real tool made of one model by one recipe.</summary>
/// <param name="Model">The model's short name, also the name of its folder of goldens.</param>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="File">The model's file.</param>
/// <param name="Inputs">Names of the inputs.</param>
/// <param name="Outputs">Names of the outputs.</param>
/// <param name="Transforms">The script.</param>
/// <param name="Runs">True when TensorFlow runs the result.</param>
public sealed record ModelRecord(string Model, string Recipe, string File, ImmutableArray<string> Inputs, ImmutableArray<string> Outputs, string Transforms, bool Runs)
{
    private static readonly Lazy<ImmutableArray<ModelRecord>> Records = new(Read);

    /// <summary>Every record; empty where the models are missing.</summary>
    public static ImmutableArray<ModelRecord> All => Records.Value;

    public static ModelRecord Find(string model, string? recipe = null) => All.First(record => record.Model == model && (recipe is null || record.Recipe == recipe));

    /// <summary>Full path of a file of the model's goldens, or null.</summary>
    public string? Golden(string file) => SharedFiles.Find($"oracle-models/{Model}/{file}");

    private static ImmutableArray<ModelRecord> Read() =>
        SharedFiles.Find("oracle-models/index.jsonl") is { } index
            ? [.. System.IO.File.ReadLines(index).Select(line => JsonDocument.Parse(line).RootElement).Select(Parse).Where(record => SharedFiles.Find(record.File) is not null)]
            : [];

    private static ModelRecord Parse(JsonElement json) => new(
        json.GetProperty("model").GetString()!,
        json.GetProperty("recipe").GetString()!,
        "models/" + json.GetProperty("file").GetString(),
        Strings(json.GetProperty("inputs")),
        Strings(json.GetProperty("outputs")),
        json.GetProperty("transforms").GetString()!,
        json.TryGetProperty("runs", out var runs) && runs.GetBoolean());

    private static ImmutableArray<string> Strings(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];
}
