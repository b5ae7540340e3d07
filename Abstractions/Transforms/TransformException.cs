using TransformFramework.Diagnostics;

namespace TransformFramework.Transforms;

/// <summary>A transform cannot do its work: a bad argument value or a graph it cannot handle. Ends the step; the message says what and where.</summary>
public sealed class TransformException(StatusKind kind, string message, string? node = null, Exception? inner = null)
    : Exception(message, inner)
{
    public TransformException(string message)
        : this(StatusKind.InvalidArgument, message)
    {
    }

    public StatusKind Kind { get; } = kind;

    /// <summary>Name of the node concerned, if any.</summary>
    public string? Node { get; } = node;

    /// <summary>Id of the diagnostic that reports this failure.</summary>
    public string DiagnosticId { get; init; } = AbstractionsDiagnostics.TransformFailed.Id;

    /// <summary>What to do next, a sentence; or null.</summary>
    public string? Suggestion { get; init; }
}
