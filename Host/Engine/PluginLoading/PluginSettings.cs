using TransformFramework.Plugins;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>A plugin's section of the configuration; of two sections of one plugin the first one's values count.</summary>
internal sealed class PluginSettings(IReadOnlyList<KeyValuePair<string, string>> entries) : IPluginSettings
{
    public static readonly PluginSettings None = new([]);

    public IReadOnlyList<string> Names { get; } = [.. entries.Select(entry => entry.Key).Distinct(StringComparer.Ordinal)];

    public string? Find(string name) => entries.Where(entry => entry.Key == name).Select(entry => entry.Value).FirstOrDefault();

    public PluginSettings Before(PluginSettings other) => new([.. entries, .. other.Names.Select(name => KeyValuePair.Create(name, other.Find(name)!))]);
}
