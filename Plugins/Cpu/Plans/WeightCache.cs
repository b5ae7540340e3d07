using TransformFramework.Graphs;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Cpu.Plans;

/// <summary>Packed weights of a graph, shared by its plans for different feeds as long as they come from the same tensor with the same scale and offset.</summary>
internal sealed class WeightCache
{
    private readonly Dictionary<long, Entry> entries = [];
    private byte[] content = [];

    /// <summary>The weights of a node packed for a number of taps. Used by one compilation at a time.</summary>
    /// <param name="node">Number of the node.</param>
    /// <param name="taps">Number of taps.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="post">What follows the sums.</param>
    /// <param name="pack">Packs weights that have the same elements, and keeps nothing of them.</param>
    public T GetOrAdd<T>(int node, int taps, Tensor weights, PostOps post, Func<Tensor, T> pack)
        where T : class
    {
        if (entries.TryGetValue(Key(node, taps), out var entry) && entry.Fits(weights, post))
            return (T)entry.Packed;
        T packed = pack(Readable(weights));
        MappedPages.Release(weights.StoredBytes);
        entries[Key(node, taps)] = new(new WeakReference<Tensor>(weights), post.Scale, post.Offset, packed);
        return packed;
    }

    /// <summary>The weights of a node packed for a number of taps, with nothing but what is constant in them. Used by one compilation at a time.</summary>
    public T GetOrAdd<T>(int node, int taps, Tensor weights, Func<Tensor, T> pack)
        where T : class => GetOrAdd(node, taps, weights, new PostOps(new(node, 0), 0), pack);

    /// <summary>Gives up the memory that weights are read into on their way from a file.</summary>
    public void Trim()
    {
        MappedPages.Discard(content);
        content = [];
    }

    /// <summary>The weights, read into memory that the next ones are read into too where they are still in a file.</summary>
    private Tensor Readable(Tensor weights) => weights.IsDecodable && weights.StoredBytes.Length == weights.ElementCount * weights.Type.Size() && MappedPages.TryRead(weights.StoredBytes, ref content) is { } read
        ? Tensor.FromContent(weights.Type, weights.Shape, read)
        : weights;

    private static long Key(int node, int taps) => ((long)node << 32) | (uint)taps;

    private sealed record Entry(WeakReference<Tensor> Weights, double[]? Scale, double[]? Offset, object Packed)
    {
        public bool Fits(Tensor weights, PostOps post) =>
            Weights.TryGetTarget(out var packed) && ReferenceEquals(packed, weights)
            && Scale.AsSpan().SequenceEqual(post.Scale) && Offset.AsSpan().SequenceEqual(post.Offset);
    }
}
