using System.Collections.Immutable;
using TransformFramework.Diagnostics;

namespace TransformFramework.Engine.Pipeline;

/// <summary>A script or a list of transforms is wrong.</summary>
/// <param name="diagnostics">What is wrong, in order; at least one.</param>
/// <param name="script">The text; null when there is none.</param>
public sealed class ScriptException(ImmutableArray<Diagnostic> diagnostics, ScriptText? script = null)
    : Exception(string.Join(Environment.NewLine, diagnostics.Select(diagnostic => diagnostic.Suggestion is null ? $"{diagnostic}" : $"{diagnostic} {diagnostic.Suggestion}")))
{
    /// <summary>What is wrong, in order, with its place in the text.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;

    /// <summary>The text that the places refer to; null when there is none.</summary>
    public ScriptText? Script { get; } = script;
}
