using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Patterns;

/// <summary>What a rewrite makes of a match, see <see cref="Match.Replace"/> and <see cref="Match.Decline(Decline)"/>.</summary>
public abstract record Outcome
{
    private protected Outcome()
    {
    }

    internal sealed record Replaced(ImmutableArray<Node> Nodes) : Outcome;

    internal sealed record Declined(Node Head, Decline Decline) : Outcome;
}
