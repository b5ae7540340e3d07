using System.Collections.Immutable;
using System.ComponentModel;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Patterns;

/// <summary>A place where a pattern matches: the captured nodes, and what a rewrite must know of their surroundings.</summary>
public sealed class Match
{
    private readonly Bindings bindings;
    private readonly HashSet<string> inner;

    internal Match(Graph graph, TransformContext context, Bindings bindings)
    {
        Graph = graph;
        Context = context;
        this.bindings = bindings;
        Members = [.. bindings.InOrder.Select(bound => bound.Node).Distinct(ReferenceEqualityComparer.Instance).Cast<Node>()];
        Inner = [.. bindings.InOrder.Where(bound => bound.IsInner).Select(bound => bound.Node).Distinct(ReferenceEqualityComparer.Instance).Cast<Node>()];
        inner = Inner.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
    }

    public Graph Graph { get; }

    public TransformContext Context { get; }

    /// <summary>The node that the pattern's root stands for; its readers are the match's.</summary>
    public Node Head => Members[0];

    /// <summary>Nodes that op patterns stand for and those passed through, head first. Those that nothing reads after a replacement are removed.</summary>
    public ImmutableArray<Node> Inner { get; }

    /// <summary>All captured nodes, head first.</summary>
    internal ImmutableArray<Node> Members { get; }

    /// <summary>The node that a pattern stands for.</summary>
    /// <exception cref="KeyNotFoundException">The pattern has no part in this match.</exception>
    public Node this[Pattern pattern] => Binding(pattern).Node;

    /// <summary>True when the pattern stands for a node: false for an alternative that was not taken.</summary>
    public bool Has(Pattern pattern) => bindings.Find(pattern.Key) is not null;

    /// <summary>The tensor that a pattern stands for, as its reader spells it.</summary>
    /// <exception cref="KeyNotFoundException">The pattern has no part in this match.</exception>
    public NodeInput Reference(Pattern pattern) => Binding(pattern).Input;

    /// <summary>The value of a captured constant.</summary>
    /// <exception cref="KeyNotFoundException">The pattern has no part in this match, or its node is no constant.</exception>
    public Tensor Tensor(Pattern pattern) =>
        this[pattern].TensorAttribute("value") ?? throw new KeyNotFoundException($"'{this[pattern].Name}' has no tensor");

    /// <summary>True when the captured node is one of the run's outputs.</summary>
    public bool IsOutput(Pattern pattern) => Names(Context.OutputNames, this[pattern]);

    /// <summary>True when a node outside the match reads the captured node, or it is one of the run's outputs.</summary>
    public bool IsShared(Pattern pattern) =>
        IsOutput(pattern) || Graph.ConsumersOf(this[pattern]).Any(consumer => !inner.Contains(consumer.Node.Name));

    /// <summary>Leaves the match as it is; <c>--explain</c> shows the reason.</summary>
    /// <param name="reason">The end of the sentence "it stays, because …".</param>
    /// <param name="nodes">The nodes that the reason is about; none when it is the head.</param>
    public Outcome Decline(string reason, params ReadOnlySpan<Node> nodes) => Decline(new Decline(reason, nodes));

    /// <inheritdoc cref="Decline(string, ReadOnlySpan{Node})"/>
    public Outcome Decline(Decline decline) => new Outcome.Declined(Head, decline);

    /// <inheritdoc cref="Decline(string, ReadOnlySpan{Node})"/>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Outcome Skip(string reason) => Decline(reason);

    /// <summary>
    /// Puts nodes in the head's place, one of them under the head's name. Inner nodes that nothing reads any more are removed; control inputs of what goes are
    /// kept on the node of the head's name.
    /// </summary>
    /// <exception cref="ArgumentException">None of the nodes has the head's name.</exception>
    public Outcome Replace(params ReadOnlySpan<Node> nodes)
    {
        ImmutableArray<Node> replacement = [.. nodes];
        return replacement.Any(node => node.Name == Head.Name)
            ? new Outcome.Replaced(replacement)
            : throw new ArgumentException($"a replacement of '{Head.Name}' must contain a node of that name, which its readers read", nameof(nodes));
    }

    /// <summary>True when the run's inputs or outputs name the node.</summary>
    internal bool IsProtected(Node node) => Names(Context.OutputNames, node) || Names(Context.InputNames, node);

    private static bool Names(ImmutableArray<string> references, Node node) => references.Any(reference => new NodeInput(reference).Node == node.Name);

    private Bindings Binding(Pattern pattern) =>
        bindings.Find(pattern.Key) ?? throw new KeyNotFoundException($"the pattern {pattern} has no part in the match at '{Head.Name}'");
}
