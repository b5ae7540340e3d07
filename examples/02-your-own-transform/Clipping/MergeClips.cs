using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Transforms;
using static TransformFramework.Toolkit.Patterns.Pattern;

namespace Clipping;

/// <summary>
/// Clips once where a graph clips twice in a row.
/// <code>
/// c = ClippedRelu(x) {limit=6.0}
/// y = ClippedRelu(c) {limit=4.0}     →   y = ClippedRelu(x) {limit=4.0}
/// </code>
/// The inner node stays where something else reads it. The graph computes the same.
/// </summary>
[Transform("merge_clips", Summary = "Makes one ClippedRelu of two in a row.")]
public sealed class MergeClips : PatternTransform
{
    private static readonly Pattern Input = Any();
    private static readonly NodePattern Inner = Op(ClippedRelu.Op, Input);
    private static readonly NodePattern Outer = Op(ClippedRelu.Op, Inner);

    protected override NodePattern Match => Outer;

    protected override Outcome Rewrite(Match match)
    {
        if (!match[Inner].Attributes.TryGetValue(ClippedRelu.Limit, out var inner) || inner is not FloatValue first)
            return match.Skip("the inner clip has no limit");
        if (!match.Head.Attributes.TryGetValue(ClippedRelu.Limit, out var outer) || outer is not FloatValue second)
            return match.Skip("the outer clip has no limit");
        return match.Replace(new Node(match.Head.Name, ClippedRelu.Op, match.Reference(Input)).With(ClippedRelu.Limit, Math.Min(first.Value, second.Value)));
    }
}
