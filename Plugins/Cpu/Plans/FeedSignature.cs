using TransformFramework.Cpu.Analysis;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Types and shapes of the tensors that a run feeds: what a plan is made for.</summary>
internal sealed class FeedSignature
{
    private readonly FeedSlot[] slots;
    private readonly PlanTensor[] tensors;

    private FeedSignature(FeedSlot[] slots, PlanTensor[] tensors)
    {
        this.slots = slots;
        this.tensors = tensors;
    }

    /// <summary>What is fed under a canonical name.</summary>
    public PlanTensor this[string name] => tensors[Array.FindIndex(slots, slot => slot.Canonical == name)];

    /// <summary>The tensors that a graph can be fed.</summary>
    public static FeedSlot[] Slots(GraphAnalysis analysis) =>
        [.. analysis.Nodes.Where(node => node.FeedName is not null).Select(node => new FeedSlot(node.Index, node.FeedName!))];

    /// <summary>The signature of tensors of which types and shapes, or the values, are known.</summary>
    public static FeedSignature Of(FeedSlot[] slots, PlanTensor[] tensors) => new(slots, tensors);

    /// <summary>The signature of a run's feeds, or null when one is missing.</summary>
    public static FeedSignature? Of(FeedSlot[] slots, IReadOnlyDictionary<string, Tensor> feeds)
    {
        var fedTensors = new PlanTensor[slots.Length];
        for (int i = 0; i < slots.Length; i++)
        {
            if (slots[i].Find(feeds) is not { } fed)
                return null;
            fedTensors[i] = new(fed.Type, fed.Shape);
        }
        return new(slots, fedTensors);
    }

    /// <summary>True when a run feeds tensors of these types and shapes. Allocates nothing.</summary>
    public bool Fits(IReadOnlyDictionary<string, Tensor> feeds)
    {
        for (int i = 0; i < slots.Length; i++)
        {
            bool fits = slots[i].Find(feeds) is { } fed && fed.Type == tensors[i].Type && fed.Shape.Dimensions.AsSpan().SequenceEqual(tensors[i].Shape.Dimensions.AsSpan());
            if (!fits)
                return false;
        }
        return true;
    }
}

/// <summary>A tensor that runs feed: its node, and its name in the spellings that callers use.</summary>
internal sealed class FeedSlot(int node, string canonical)
{
    private readonly string brief = canonical.EndsWith(":0", StringComparison.Ordinal) ? canonical[..^2] : canonical;

    public int Node { get; } = node;

    /// <summary>The name with its port.</summary>
    public string Canonical { get; } = canonical;

    /// <summary>The tensor among the feeds of a run, or null.</summary>
    public Tensor? Find(IReadOnlyDictionary<string, Tensor> feeds) => feeds.TryGetValue(brief, out var tensor) || feeds.TryGetValue(Canonical, out tensor) ? tensor : null;
}
