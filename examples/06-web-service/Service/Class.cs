using System.Text.Json.Serialization;

namespace TransformFramework.Examples;

/// <summary>A class with its score.</summary>
/// <param name="Name">The digit.</param>
/// <param name="Score">From 0 to 1.</param>
internal sealed record Class(string Name, float Score)
{
    private const int Top = 3;

    /// <summary>The most likely classes, the best first.</summary>
    public static Class[] Best(ReadOnlySpan<float> scores)
    {
        var classes = new List<Class>(scores.Length);
        for (int i = 0; i < scores.Length; i++)
            classes.Add(new($"{i}", scores[i]));
        return [.. classes.OrderByDescending(candidate => candidate.Score).Take(Top)];
    }
}

[JsonSerializable(typeof(Class[]))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ResponseJson : JsonSerializerContext;
