using TransformFramework.Diagnostics;

namespace TransformFramework.Execution;

/// <summary>A graph cannot be compiled or run; the message names node and op.</summary>
public sealed class ExecutionException(StatusKind kind, string message, string? node = null, Exception? inner = null) : Exception(message, inner)
{
    public StatusKind Kind { get; } = kind;

    /// <summary>Name of the node concerned, if any.</summary>
    public string? Node { get; } = node;
}
