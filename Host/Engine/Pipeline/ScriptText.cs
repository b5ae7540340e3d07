using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Engine.Pipeline;

/// <summary>The text of a script.</summary>
/// <param name="Text">The text.</param>
/// <param name="Name">Where it came from, for messages: a file's path, or an option.</param>
public sealed record ScriptText(string Text, string Name)
{
    /// <summary>Parses the text.</summary>
    /// <param name="warnings">What the parser noticed.</param>
    /// <exception cref="ScriptException">The text is not a script.</exception>
    public Script Parse(out ImmutableArray<Diagnostic> warnings)
    {
        var parsed = ScriptParser.Parse(Text);
        if (parsed.Script is null)
            throw new ScriptException(parsed.Diagnostics.First(diagnostic => diagnostic.Severity == Severity.Error), this);
        warnings = [.. parsed.Diagnostics];
        return parsed.Script;
    }
}

/// <summary>A text is not a script.</summary>
/// <param name="diagnostic">What is wrong, with its place.</param>
/// <param name="script">The text.</param>
public sealed class ScriptException(Diagnostic diagnostic, ScriptText? script) : Exception(diagnostic.Message)
{
    /// <summary>What is wrong, with its place in the text.</summary>
    public Diagnostic Diagnostic { get; } = diagnostic;

    /// <summary>The text that the place refers to; null when there is none.</summary>
    public ScriptText? Script { get; } = script;
}
