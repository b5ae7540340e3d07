using TransformFramework.ModelFiles;

namespace TransformFramework.TfJs;

/// <summary>Ids of the diagnostics of this assembly; TFX4501 is the manifest's in Toolkit.</summary>
internal static class TfJsDiagnostics
{
    /// <summary>The graph of <c>model.json</c> is malformed.</summary>
    public const string BadGraph = "TFX4502";

    /// <summary>A constant has no weight, or one of another type.</summary>
    public const string BadWeight = "TFX4503";

    /// <summary>A fused op or a part of the format that is not read.</summary>
    public const string Unsupported = "TFX4504";

    /// <summary>A name that the model does not have.</summary>
    public const string UnknownName = "TFX4505";

    /// <summary>A malformed graph.</summary>
    public static ModelFormatException Malformed(string message) => new(message) { DiagnosticId = BadGraph, Suggestion = "Convert the model again." };
}
