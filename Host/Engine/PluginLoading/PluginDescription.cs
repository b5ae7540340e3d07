using System.Collections.Immutable;
using TransformFramework.Diagnostics;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>A class that a plugin offers under a name: a backend, a kernel or a model format.</summary>
public sealed record OfferedType(string Kind, string Name, string TypeName);

/// <summary>A plugin as found on disk, read without loading it.</summary>
/// <param name="Name">File name without <c>.dll</c>.</param>
/// <param name="Path">Full path of the assembly.</param>
/// <param name="Version">Assembly version, empty when the file is no assembly.</param>
/// <param name="IsFirstParty">True for plugins that are beside the program.</param>
public sealed record PluginDescription(string Name, string Path, string Version, bool IsFirstParty)
{
    public ImmutableArray<TransformDescription> Transforms { get; init; } = [];

    /// <summary>Kernels, backends and model formats.</summary>
    public ImmutableArray<OfferedType> Offers { get; init; } = [];

    /// <summary>Model formats in full.</summary>
    public ImmutableArray<FormatDescription> Formats { get; init; } = [];

    /// <summary>Ops that the plugin declares, in the grammar of <see cref="TransformFramework.Graphs.OpAttribute"/>.</summary>
    public ImmutableArray<string> Ops { get; init; } = [];

    /// <summary>The build of the assembly as it was read (its MVID).</summary>
    internal Guid Build { get; init; }

    /// <summary>Metadata tokens of the classes that it offers, by their names.</summary>
    internal IReadOnlyDictionary<string, int> Tokens { get; init; } = new Dictionary<string, int>();

    /// <summary>Why the plugin was rejected, and warnings.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    public PluginIdentity Identity => new(Name, Version, Path) { IsFirstParty = IsFirstParty };

    public bool IsAccepted => Diagnostics.All(diagnostic => diagnostic.Severity != Severity.Error);
}
