namespace TransformFramework.Engine.PluginLoading;

/// <summary>A plugin cannot be used; the message names plugin, version and what failed in it.</summary>
public sealed class PluginException(string id, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Id of the diagnostic that reports this failure, <c>TFX3xxx</c>.</summary>
    public string DiagnosticId { get; } = id;

    /// <summary>What to do next, a sentence; or null.</summary>
    public string? Suggestion { get; init; }
}
