using TransformFramework.Diagnostics;

namespace TransformFramework.Keras;

/// <summary>A model that cannot be read; the reader adds the file's name.</summary>
internal sealed class KerasException(DiagnosticDescriptor kind, string message, string? suggestion = null) : Exception(message)
{
    /// <summary>What is reported.</summary>
    public DiagnosticDescriptor Kind { get; } = kind;

    /// <summary>What to do next, or null.</summary>
    public string? Suggestion { get; } = suggestion;

    /// <summary>A contradiction or gap in the configuration.</summary>
    public static KerasException Configuration(string message) => new(KerasDiagnostics.BadConfiguration, message);

    /// <summary>A weight that is missing or misshapen.</summary>
    public static KerasException Weight(string message) => new(KerasDiagnostics.BadWeight, message, "The file was changed or cut after Keras wrote it; save the model again.");

    /// <summary>An option that has no graph.</summary>
    public static KerasException Option(string message) => new(KerasDiagnostics.UnsupportedOption, message, KerasDiagnostics.ExportAdvice);
}
