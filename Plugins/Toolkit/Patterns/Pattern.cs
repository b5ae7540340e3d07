using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Patterns;

/// <summary>
/// A tree that is looked for upstream of a node. Every pattern is a capture: <c>match[pattern]</c> gives the node it stood for. One that occurs twice in a tree
/// must stand for the same tensor both times. Written with <c>using static TransformFramework.Toolkit.Patterns.Pattern</c>:
/// <c>Op("Mul", conv.Of(input, weights.Through("Identity")), scale)</c>.
/// </summary>
public abstract record Pattern
{
    private protected Pattern()
    {
    }

    /// <summary>What the captured node is kept under; copies of a pattern share it.</summary>
    internal object Key { get; init; } = new();

    /// <summary>Any output of any node. The node stays in the graph.</summary>
    public static Pattern Any() => new AnyPattern();

    /// <summary>The first output of a node of one of the ops (<c>"Add|AddV2"</c>, <c>"*"</c>). Without inputs the node's inputs do not matter, else its data inputs must be as many.</summary>
    public static NodePattern Op(string ops, params ReadOnlySpan<Pattern> inputs) => new(ops) { Inputs = [.. inputs] };

    /// <summary>A constant whose elements can be read, see <see cref="Match.Tensor"/>.</summary>
    public static NodePattern Constant() =>
        Op("Const").Where(node => node.TensorAttribute("value") is { IsDecodable: true }, "holds no readable tensor");

    /// <summary>The first of several patterns that matches.</summary>
    public static Pattern Either(params ReadOnlySpan<Pattern> alternatives) => new EitherPattern([.. alternatives]);

    /// <summary>This pattern, with any number of one-input nodes of the given ops between it and its reader.</summary>
    public Pattern Through(string ops = "Identity") => new ThroughPattern(this, new OpNames(ops));

    /// <summary>All ways in which this pattern stands for an input, lazily.</summary>
    internal abstract IEnumerable<Bindings> Find(Search search, NodeInput input, Bindings bound);
}

internal sealed record AnyPattern : Pattern
{
    internal override IEnumerable<Bindings> Find(Search search, NodeInput input, Bindings bound) =>
        search.Producer(input, bound) is { } node && search.Bind(bound, Key, input, node, isInner: false) is { } next ? [next] : [];

    public override string ToString() => "*";
}

internal sealed record EitherPattern(ImmutableArray<Pattern> Alternatives) : Pattern
{
    internal override IEnumerable<Bindings> Find(Search search, NodeInput input, Bindings bound) =>
        Alternatives.SelectMany(alternative => alternative.Find(search, input, bound));

    public override string ToString() => string.Join(" or ", Alternatives);
}

internal sealed record ThroughPattern(Pattern Inner, OpNames Ops) : Pattern
{
    internal override IEnumerable<Bindings> Find(Search search, NodeInput input, Bindings bound)
    {
        Bindings? passed = bound;
        while (passed is not null)
        {
            foreach (Bindings found in Inner.Find(search, input, passed))
                yield return found;
            if (search.Producer(input, passed) is not { } node || !Ops.Contain(node.Op) || input.Port != 0 || passed.Holds(node)
                || node.DataInputs.Take(2).ToArray() is not [var only])
            {
                yield break;
            }
            passed = search.Bind(passed, new(), input, node, isInner: true);
            input = only;
        }
    }

    public override string ToString() => $"{Inner} through {Ops}";
}
