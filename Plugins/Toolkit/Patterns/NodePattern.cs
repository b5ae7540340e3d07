using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Patterns;

/// <summary>A node of certain ops, with patterns for its inputs and conditions. A rewrite removes it when nothing reads it any more.</summary>
public sealed record NodePattern : Pattern
{
    private readonly OpNames ops;

    internal NodePattern(string ops) => this.ops = new(ops);

    internal ImmutableArray<Pattern> Inputs { get; init; } = [];

    private bool IsAnyOrder { get; init; }

    private int Port { get; init; }

    private ImmutableArray<(Func<Node, bool> Holds, string Otherwise)> Conditions { get; init; } = [];

    /// <summary>This capture with patterns for its data inputs.</summary>
    public NodePattern Of(params ReadOnlySpan<Pattern> inputs) => this with { Inputs = [.. inputs] };

    /// <summary>This capture, its input patterns in any order; the given one is tried first.</summary>
    public NodePattern InAnyOrder() => this with { IsAnyOrder = true };

    /// <summary>This capture, read at another output than the first.</summary>
    public NodePattern At(int port) => this with { Port = port };

    /// <summary>This capture under a condition; <paramref name="otherwise"/> ends the sentence "'x' …" when it fails: "is not float".</summary>
    public NodePattern Where(Func<Node, bool> condition, string otherwise) => this with { Conditions = Conditions.Add((condition, otherwise)) };

    public override string ToString() => Inputs.IsEmpty ? ops.Expression : $"{ops}({string.Join(", ", Inputs)})";

    /// <summary>All ways in which this pattern, as a whole tree's head, stands for a node.</summary>
    internal IEnumerable<Bindings> FindHead(Search search, Node head) => Find(search, NodeInput.Data(head.Name, Port), Bindings.None);

    internal override IEnumerable<Bindings> Find(Search search, NodeInput input, Bindings bound)
    {
        if (Fits(search, input, bound) is not { } next)
            return [];
        if (Inputs.IsEmpty)
            return [next];
        NodeInput[] inputs = [.. next.Node.DataInputs];
        if (inputs.Length != Inputs.Length)
        {
            search.Miss(next, $"'{next.Node.Name}' has {inputs.Length} inputs, not {Inputs.Length}");
            return [];
        }
        return Orders().SelectMany(order => FindInputs(search, order, inputs, 0, next));
    }

    private Bindings? Fits(Search search, NodeInput input, Bindings bound)
    {
        if (search.Producer(input, bound) is not { } node)
            return null;
        if (!ops.Contain(node.Op))
        {
            search.Miss(bound, $"'{node.Name}' is {node.Op}, not {ops}");
            return null;
        }
        if (search.Bind(bound, Key, input, node, isInner: true) is not { } next)
            return null;
        if (input.Port != Port)
        {
            search.Miss(next, $"'{input}' is output {input.Port} of its node, not {Port}");
            return null;
        }
        foreach (var (holds, otherwise) in Conditions)
        {
            if (holds(node))
                continue;
            search.Miss(next, $"'{node.Name}' {otherwise}");
            return null;
        }
        return next;
    }

    private static IEnumerable<Bindings> FindInputs(Search search, ImmutableArray<Pattern> patterns, NodeInput[] inputs, int index, Bindings bound) =>
        index == patterns.Length
            ? [bound]
            : patterns[index].Find(search, inputs[index], bound).SelectMany(next => FindInputs(search, patterns, inputs, index + 1, next));

    private IEnumerable<ImmutableArray<Pattern>> Orders() => IsAnyOrder ? Permutations(Inputs) : [Inputs];

    private static IEnumerable<ImmutableArray<Pattern>> Permutations(ImmutableArray<Pattern> patterns) =>
        patterns.Length < 2
            ? [patterns]
            : Enumerable.Range(0, patterns.Length).SelectMany(first => Permutations(patterns.RemoveAt(first)).Select(rest => rest.Insert(0, patterns[first])));
}
