using System.Runtime.CompilerServices;
using System.Text.Json;
using TransformFramework.Diagnostics;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>What a file <c>transformframework.json</c> holds: <c>{"plugins": ["path", …], "settings": {"PLUGIN": {"name": "value"}}}</c>, either part optional.</summary>
/// <param name="Paths">Full paths of plugins.</param>
/// <param name="Settings">The sections by plugin.</param>
internal sealed record PluginConfiguration(IReadOnlyList<string> Paths, IReadOnlyDictionary<string, PluginSettings> Settings)
{
    public const string FileName = "transformframework.json";

    private static readonly PluginConfiguration Empty = new([], new Dictionary<string, PluginSettings>(StringComparer.OrdinalIgnoreCase));

    /// <summary>The configuration of a folder; an empty one when the file is missing or, with a diagnostic, when it cannot be used.</summary>
    public static PluginConfiguration Read(string folder, List<Diagnostic> diagnostics)
    {
        string file = Path.Combine(folder, FileName);
        return File.Exists(file) ? ReadFile(folder, file, diagnostics) : Empty;
    }

    /// <summary>Apart from the look for the file, since most folders have none: what reads JSON is not loaded then.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PluginConfiguration ReadFile(string folder, string file, List<Diagnostic> diagnostics)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            bool hasPlugins = document.RootElement.TryGetProperty("plugins", out JsonElement plugins);
            bool hasSettings = document.RootElement.TryGetProperty("settings", out JsonElement settings);
            if (!hasPlugins && !hasSettings)
                throw new JsonException("it has neither 'plugins' nor 'settings'");
            return new(hasPlugins ? [.. plugins.EnumerateArray().Select(path => FullPath(folder, path.GetString()))] : [], hasSettings ? Sections(settings) : Empty.Settings);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            diagnostics.Add(EngineDiagnostics.BadConfiguration.With(file, error.Message) with { Suggestion = "It should read {\"plugins\": [\"path\", …]}, beside {\"settings\": {\"PLUGIN\": {\"name\": \"value\"}}} if need be." });
            return Empty;
        }
    }

    private static Dictionary<string, PluginSettings> Sections(JsonElement settings)
    {
        var sections = new Dictionary<string, PluginSettings>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty section in settings.EnumerateObject())
            sections[section.Name] = new([.. section.Value.EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, Text(entry)))]);
        return sections;
    }

    private static string Text(JsonProperty entry) => entry.Value.ValueKind switch
    {
        JsonValueKind.String => entry.Value.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => entry.Value.GetRawText(),
        _ => throw new JsonException($"the setting '{entry.Name}' is neither a string nor a number, true or false"),
    };

    private static string FullPath(string folder, string? path) => Path.GetFullPath(Path.Combine(folder, path ?? throw new JsonException("a path is null")));
}
