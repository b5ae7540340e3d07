using System.Collections.Concurrent;
using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>
/// What each release of TensorFlow knows of an op: when it came and went, and its arguments, attributes and types by release, as the CPU builds register them. Thread-safe; nothing is
/// read before it is first asked for.
/// </summary>
public sealed class OpHistory
{
    private static readonly ConcurrentDictionary<string, OpHistory?> Known = new(StringComparer.Ordinal);

    private readonly ImmutableArray<OpState> states;

    private OpHistory(string op, ImmutableArray<OpState> states)
    {
        Op = op;
        this.states = states;
    }

    public string Op { get; }

    /// <summary>The first release that has the op.</summary>
    public TensorFlowRelease Since => states[0].Release;

    /// <summary>The history of an op, or null when no release has it.</summary>
    public static OpHistory? Find(string op) => Known.GetOrAdd(op, static op => OpHistoryText.Block(op) is { } block ? new(op, OpHistoryParser.Parse(block)) : null);

    /// <summary>The op as a release declares it, or null when that release does not have it.</summary>
    public OpDefinition? At(TensorFlowRelease release) => StateAt(release)?.Definition;

    /// <summary>The producer number from which on a graph may not use the op, as a release has it; null for any.</summary>
    public int? DeprecatedAt(TensorFlowRelease release) => StateAt(release)?.DeprecatedAt;

    /// <summary>The first release that has the op with this attribute, or null when none does.</summary>
    public TensorFlowRelease? AttributeSince(string attribute) => First(definition => definition.Attribute(attribute) is not null);

    /// <summary>The first release whose declaration of the op has a property, or null when none does.</summary>
    public TensorFlowRelease? First(Func<OpDefinition, bool> holds) => states.FirstOrDefault(state => state.Definition is { } definition && holds(definition))?.Release;

    /// <summary>True when the op had the attribute from its first release on, or has it since a release that is not newer than the given one; and still has it.</summary>
    public bool AlwaysHad(string attribute, TensorFlowRelease until) =>
        AttributeSince(attribute) is { } since && (since == Since || since <= until) && states[^1].Definition?.Attribute(attribute) is not null;

    /// <summary>True when the op has the attribute, without a default, in every release that has the op.</summary>
    public bool AlwaysRequires(string attribute) => states.All(state => state.Definition is not { } definition || definition.Attribute(attribute) is { Default: null });

    private OpState? StateAt(TensorFlowRelease release) => states.LastOrDefault(state => state.Release <= release) is { Definition: not null } state ? state : null;
}

/// <summary>An op from one release on, until the next state.</summary>
/// <param name="Release">The first release that declares it so.</param>
/// <param name="Definition">The declaration, or null while the op is absent.</param>
/// <param name="DeprecatedAt">The producer number from which on a graph may not use the op.</param>
internal sealed record OpState(TensorFlowRelease Release, OpDefinition? Definition, int? DeprecatedAt);
