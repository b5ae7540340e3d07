using System.Collections.Immutable;
using TransformFramework.Diagnostics;

namespace TransformFramework.Dsl.Syntax;

/// <summary>One step of a script: <c>name</c>, <c>name(argument=value, …)</c> or <c>plugin::name(…)</c>. Equality looks at names and arguments only.</summary>
public sealed record TransformCall(string? Plugin, string Name, ImmutableArray<Argument> Arguments)
{
    /// <summary>The whole call, from its first name to its closing parenthesis.</summary>
    public SourceSpan Span { get; init; }

    /// <summary>The transform's name, without the plugin's.</summary>
    public SourceSpan NameSpan { get; init; }

    /// <summary>Comments between the call before and this one.</summary>
    public ImmutableArray<Comment> LeadingComments { get; init; } = [];

    /// <summary>True when an empty line sets the call apart from what comes before it.</summary>
    public bool FollowsBlankLine { get; init; }

    /// <summary>The name as a script spells it, the plugin's prefix included.</summary>
    public string QualifiedName => Plugin is null ? Name : $"{Plugin}::{Name}";

    public bool Equals(TransformCall? other) =>
        other is not null && Plugin == other.Plugin && Name == other.Name && Arguments.SequenceEqual(other.Arguments);

    public override int GetHashCode() => Arguments.Aggregate(HashCode.Combine(Plugin, Name), HashCode.Combine);
}
