using TransformFramework.Graphs;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Cpu.Plans;

/// <summary>Packed weights of a graph, shared by its plans for different feeds as long as they come from the same tensor with the same scale and offset.</summary>
internal sealed class WeightCache
{
    private readonly Dictionary<(int Node, int Taps), Entry> entries = [];

    /// <summary>The weights of a node packed for a number of taps. Used by one compilation at a time.</summary>
    public T GetOrAdd<T>(int node, int taps, Tensor weights, PostOps post, Func<T> pack)
        where T : class
    {
        if (entries.TryGetValue((node, taps), out var entry) && entry.Fits(weights, post))
            return (T)entry.Packed;
        T packed = pack();
        MappedPages.Release(weights.StoredBytes);
        entries[(node, taps)] = new(new WeakReference<Tensor>(weights), post.Scale, post.Offset, packed);
        return packed;
    }

    /// <summary>The weights of a node packed for a number of taps, with nothing but what is constant in them. Used by one compilation at a time.</summary>
    public T GetOrAdd<T>(int node, int taps, Tensor weights, Func<T> pack)
        where T : class => GetOrAdd(node, taps, weights, new PostOps(new(node, 0), 0), pack);

    private sealed record Entry(WeakReference<Tensor> Weights, double[]? Scale, double[]? Offset, object Packed)
    {
        public bool Fits(Tensor weights, PostOps post) =>
            Weights.TryGetTarget(out var packed) && ReferenceEquals(packed, weights)
            && Scale.AsSpan().SequenceEqual(post.Scale) && Offset.AsSpan().SequenceEqual(post.Offset);
    }
}
