using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>Why a release refuses a graph, or would compute something else.</summary>
/// <param name="Entry">What the release lacks: an op (<c>AddV2</c>), an attribute or a value of it (<c>Conv2D.dilations</c>); empty for what is wrong with the graph itself.</param>
/// <param name="Message">The problem, a sentence that names node and op.</param>
/// <param name="Node">The node concerned, of the graph or of a function of its library; or null.</param>
public sealed record ReleaseProblem(string Entry, string Message, Node? Node)
{
    /// <summary>True when dropping the attribute solves the problem: it is at its default.</summary>
    public bool IsDefault { get; init; }

    /// <summary>True when the node would be wrong in every release; false when this release lacks something.</summary>
    public bool IsMalformed { get; init; } = Entry.Length == 0;

    /// <summary>True when no release has the op: somebody's own.</summary>
    public bool IsForeign { get; init; }

    /// <summary>The message.</summary>
    public override string ToString() => Message;
}
