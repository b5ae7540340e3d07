using System.Collections.Immutable;

namespace TransformFramework.Dsl.Syntax;

/// <summary>A parsed script: calls in the order in which they run. Two scripts are equal when they say the same; places, quoting and comments do not count.</summary>
public sealed record Script(ImmutableArray<TransformCall> Calls)
{
    /// <summary>Comments after the last call.</summary>
    public ImmutableArray<Comment> TrailingComments { get; init; } = [];

    public bool Equals(Script? other) => other is not null && Calls.SequenceEqual(other.Calls);

    public override int GetHashCode() => Calls.Aggregate(Calls.Length, HashCode.Combine);
}
