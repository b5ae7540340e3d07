namespace TransformFramework.Diagnostics;

/// <summary>How much a diagnostic matters.</summary>
public enum Severity
{
    Info,
    Warning,
    Error,
}

/// <summary>A stretch of script text: offsets in UTF-16 units, line and column from 1.</summary>
public readonly record struct SourceSpan(int Start, int Length, int Line, int Column)
{
    public int End => Start + Length;
}

/// <summary>
/// One message: what, where, what next. Ids: <c>TFX0xxx</c> script, <c>1xxx</c> binding, <c>2xxx</c> transforms, <c>3xxx</c> plugins, <c>4xxx</c> graphs and model files.
/// </summary>
public sealed record Diagnostic(string Id, Severity Severity, string Message)
{
    /// <summary>Place in the script, if that is where the cause is.</summary>
    public SourceSpan? Span { get; init; }

    /// <summary>Name of the node concerned, if any.</summary>
    public string? Node { get; init; }

    /// <summary>What to do next, a sentence; or null.</summary>
    public string? Suggestion { get; init; }

    public static Diagnostic Error(string id, string message) => new(id, Severity.Error, message);

    public static Diagnostic Warning(string id, string message) => new(id, Severity.Warning, message);

    public static Diagnostic Info(string id, string message) => new(id, Severity.Info, message);

    public override string ToString() => $"{Severity.ToString().ToLowerInvariant()} {Id}: {Message}";
}
