using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Checkpoints;

/// <summary>A part of a tensor by where it starts and how long it is along each dimension.</summary>
public sealed record TensorBox(ImmutableArray<long> Starts, ImmutableArray<long> Lengths)
{
    /// <summary>The whole of a tensor.</summary>
    public static TensorBox Whole(TensorShape shape) => new([.. shape.Dimensions.Select(_ => 0L)], shape.Dimensions);

    /// <summary>The shape of the part.</summary>
    public TensorShape Shape => TensorShape.Of(Lengths);

    /// <summary>What two parts have in common, or null when that is nothing.</summary>
    public TensorBox? Intersect(TensorBox other)
    {
        var starts = Starts.Zip(other.Starts, Math.Max).ToImmutableArray();
        var lengths = starts.Select((start, i) => Math.Min(Starts[i] + Lengths[i], other.Starts[i] + other.Lengths[i]) - start).ToImmutableArray();
        return lengths.All(length => length > 0) ? new(starts, lengths) : null;
    }

    /// <summary>Copies what two parts of a tensor have in common.</summary>
    /// <param name="source">Elements of <paramref name="from"/>, row-major.</param>
    /// <param name="from">The part that is given.</param>
    /// <param name="target">Elements of this part, row-major.</param>
    /// <param name="elementSize">Bytes of an element.</param>
    /// <returns>Number of elements that were copied.</returns>
    public long CopyFrom(ReadOnlySpan<byte> source, TensorBox from, Span<byte> target, int elementSize)
    {
        if (Lengths.IsEmpty)
        {
            source[..elementSize].CopyTo(target);
            return 1;
        }
        if (Intersect(from) is not { } common)
            return 0;
        int run = checked((int)(common.Lengths[^1] * elementSize));
        long count = 1;
        foreach (long length in common.Lengths)
            count *= length;
        long[] position = [.. common.Starts];
        for (long row = 0; row < count / common.Lengths[^1]; row++)
        {
            source.Slice(checked((int)(from.OffsetOf(position) * elementSize)), run).CopyTo(target[checked((int)(OffsetOf(position) * elementSize))..]);
            for (int i = position.Length - 2; i >= 0 && ++position[i] == common.Starts[i] + common.Lengths[i]; i--)
                position[i] = common.Starts[i];
        }
        return count;
    }

    private long OffsetOf(long[] position)
    {
        long offset = 0;
        for (int i = 0; i < position.Length; i++)
            offset = (offset * Lengths[i]) + position[i] - Starts[i];
        return offset;
    }
}
