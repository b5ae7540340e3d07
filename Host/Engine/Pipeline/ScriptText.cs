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
            throw new ScriptException([.. parsed.Diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Error)], this);
        warnings = [.. parsed.Diagnostics];
        return parsed.Script;
    }
}
