using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Transforms;
using static TransformFramework.Toolkit.Patterns.Pattern;

[assembly: TransformApi(1, 0)]

namespace MyPlugin;

/// <summary>
/// Removes two negations in a row.
/// <code>
/// n = Neg(x)
/// y = Neg(n)     →   y = Identity(x)
/// </code>
/// The inner node stays where something else reads it. The graph computes the same.
/// </summary>
[Transform("remove_double_negation", Summary = "Removes two negations in a row.")]
public sealed class RemoveDoubleNegation : PatternTransform
{
    private static readonly Pattern Input = Any();
    private static readonly NodePattern Inner = Op("Neg", Input);
    private static readonly NodePattern Outer = Op("Neg", Inner);

    protected override NodePattern Match => Outer;

    protected override Outcome Rewrite(Match match) =>
        match.Replace(new Node(match.Head.Name, "Identity", match.Reference(Input)).With("T", match.Head.Attributes["T"]));
}
