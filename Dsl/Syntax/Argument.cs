using System.Collections.Immutable;
using TransformFramework.Diagnostics;

namespace TransformFramework.Dsl.Syntax;

/// <summary><c>name=value</c> in a call. The value is the text between the quotes, backslashes included. Equality looks at name and value only.</summary>
public sealed record Argument(string Name, string Value)
{
    /// <summary>The whole argument, from its name to the end of its value.</summary>
    public SourceSpan Span { get; init; }

    public SourceSpan NameSpan { get; init; }

    /// <summary>The value, its quotes included.</summary>
    public SourceSpan ValueSpan { get; init; }

    public bool IsQuoted { get; init; }

    /// <summary>Comments between the argument before (or the parenthesis) and this one.</summary>
    public ImmutableArray<Comment> LeadingComments { get; init; } = [];

    public bool Equals(Argument? other) => other is not null && Name == other.Name && Value == other.Value;

    public override int GetHashCode() => HashCode.Combine(Name, Value);
}
