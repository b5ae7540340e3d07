using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>A transform that some plugin offers, as its metadata says.</summary>
public sealed record TransformDescription(
    string Name,
    string Summary,
    ImmutableArray<string> Aliases,
    bool IsClassic,
    bool NeedsBackend,
    PluginIdentity Plugin,
    string TypeName)
{
    public string PluginName => Plugin.Name;

    /// <summary>The transform rounds or quantizes: what the graph computes changes a little.</summary>
    public bool IsLossy { get; init; }
}

/// <summary>Where the pipeline takes its transforms from.</summary>
public interface ITransformSource
{
    /// <summary>Every name and alias.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>Runs graphs for transforms that evaluate constants; null when no plugin brings one.</summary>
    IBackend? Backend { get; }

    /// <summary>The transform of a name or alias, or null; with a plugin's name only that plugin's.</summary>
    TransformDescription? Find(string? plugin, string name);

    /// <summary>Loads the plugin if need be and creates the transform.</summary>
    /// <exception cref="PluginLoading.PluginException">The plugin cannot be loaded or the transform cannot be created.</exception>
    ITransform Create(TransformDescription description);
}
