using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Patterns;

/// <summary>Which node each pattern stands for so far: an immutable list, the latest first, so that a search can go back.</summary>
internal sealed record Bindings(object Key, NodeInput Input, Node Node, bool IsInner, Bindings? Before)
{
    /// <summary>Nothing bound yet.</summary>
    public static readonly Bindings None = new(new(), default, new("", ""), false, null);

    /// <summary>True when a rewrite may remove the node.</summary>
    public bool IsInner { get; } = IsInner;

    /// <summary>How many patterns are bound.</summary>
    public int Depth { get; } = Before is null ? 0 : Before.Depth + 1;

    /// <summary>The bindings, the head's first.</summary>
    public IEnumerable<Bindings> InOrder => Latest.Reverse();

    private IEnumerable<Bindings> Latest
    {
        get
        {
            for (Bindings at = this; at.Before is not null; at = at.Before)
                yield return at;
        }
    }

    public Bindings? Find(object key) => Latest.FirstOrDefault(bound => ReferenceEquals(bound.Key, key));

    public bool Holds(Node node) => Latest.Any(bound => ReferenceEquals(bound.Node, node));
}
