using TransformFramework.Diagnostics;

namespace TransformFramework.Dsl.Syntax;

/// <summary>A comment from its <c>#</c> (included) to the end of its line (not included).</summary>
public sealed record Comment(string Text)
{
    public SourceSpan Span { get; init; }

    /// <summary>True when something other than blanks is before it on its line.</summary>
    public bool IsTrailing { get; init; }

    /// <summary>True when an empty line sets the comment apart from what comes before it.</summary>
    public bool FollowsBlankLine { get; init; }
}
