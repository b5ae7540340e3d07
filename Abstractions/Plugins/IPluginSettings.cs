namespace TransformFramework.Plugins;

/// <summary>A plugin's own section of <c>transformframework.json</c>: <c>{"settings": {"PLUGIN": {"name": "value"}}}</c>. A class of the plugin asks for it in its constructor.</summary>
public interface IPluginSettings
{
    /// <summary>The names of the section, in the file's order; none when there is no section.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>The value of a name, a number or true and false as they are written; null when the section has no such name.</summary>
    string? Find(string name);
}
