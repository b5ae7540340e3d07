using System.Globalization;
using System.Numerics;
using System.Text;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Folding.Checkpoints;

/// <summary>A checkpoint of version 2: <c>PREFIX.index</c> tells where in <c>PREFIX.data-00000-of-00001</c> and its like each tensor lies (tensorflow/core/util/tensor_bundle).</summary>
internal sealed class TensorBundle
{
    private const int BigEndian = 1;
    private readonly string prefix;
    private readonly Func<string, Stream> open;
    private readonly Dictionary<string, byte[]> entries;
    private readonly int shards = 1;

    /// <summary>Reads the index.</summary>
    /// <param name="prefix">Path of the files without their endings.</param>
    /// <param name="open">Opens a file.</param>
    /// <exception cref="TransformException">NotFound: there is no index. FailedPrecondition: it is malformed. Unimplemented: it is compressed, or of a machine of the other byte order.</exception>
    public TensorBundle(string prefix, Func<string, Stream> open)
    {
        this.prefix = prefix;
        this.open = open;
        using Stream stream = open(prefix + ".index");
        byte[] index = new byte[checked((int)stream.Length)];
        stream.ReadExactly(index);
        entries = SortedTable.Read(index);
        for (var header = new ProtoFields(entries.GetValueOrDefault("", [])); header.Next();)
        {
            if (header.Number == 1)
                shards = (int)header.Value;
            else if (header.Number == 2 && header.Value == BigEndian)
                throw new TransformException(StatusKind.Unimplemented, $"the checkpoint '{prefix}' is of a machine of the other byte order");
        }
    }

    /// <summary>A tensor, or rows of it.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="slice">The part that is wanted; null for all.</param>
    /// <exception cref="TransformException">NotFound: there is no such tensor. OutOfRange: it does not hold the part. FailedPrecondition: the data are not what the index says. Unimplemented: the part is not of whole rows.</exception>
    public Tensor Read(string name, TensorSlice? slice)
    {
        BundleEntry whole = EntryOf(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(name)), name);
        if (slice is null && whole.Slices.IsEmpty)
            return Tensor.FromContent(whole.Type, whole.Shape, Content(whole, whole.Shape.ElementCount));
        if (whole.Shape.Rank == 0 || (slice is not null && !slice.IsOfRows(whole.Shape)) || !whole.Slices.All(stored => stored.IsOfRows(whole.Shape)))
            throw new TransformException(StatusKind.Unimplemented, $"the part of '{name}' that is wanted or stored is not of whole rows");
        var (start, count) = slice?.Rows(whole.Shape) ?? (0, whole.Shape[0]);
        return Tensor.FromContent(whole.Type, TensorShape.Of([count, .. whole.Shape.Dimensions.Skip(1)]), Rows(name, whole, start, count));
    }

    private byte[] Rows(string name, BundleEntry whole, long start, long count)
    {
        long rowElements = whole.Shape[0] == 0 ? 0 : whole.Shape.ElementCount / whole.Shape[0];
        int rowSize = checked((int)rowElements * whole.Type.Size());
        byte[] rows = new byte[checked((int)count * rowSize)];
        long filled = 0;
        foreach (var (entry, first, length) in Parts(name, whole))
        {
            long from = Math.Max(start, first);
            long to = Math.Min(start + count, first + length);
            if (from >= to)
                continue;
            Content(entry, length * rowElements).AsSpan((int)(from - first) * rowSize, (int)(to - from) * rowSize).CopyTo(rows.AsSpan((int)(from - start) * rowSize));
            filled += to - from;
        }
        return filled == count ? rows : throw new TransformException(StatusKind.OutOfRange, $"the checkpoint '{prefix}' holds {filled} of the {count} rows of '{name}' that are wanted");
    }

    private IEnumerable<(BundleEntry Entry, long Start, long Count)> Parts(string name, BundleEntry whole)
    {
        if (whole.Slices.IsEmpty)
            yield return (whole, 0, whole.Shape[0]);
        foreach (TensorSlice stored in whole.Slices)
        {
            var (start, count) = stored.Rows(whole.Shape);
            yield return (EntryOf(stored.KeyIn(name), name), start, count);
        }
    }

    private BundleEntry EntryOf(string key, string name) => entries.TryGetValue(key, out byte[]? message)
        ? BundleEntry.Parse(message)
        : throw new TransformException(StatusKind.NotFound, $"Key {name} not found in checkpoint");

    private byte[] Content(BundleEntry entry, long elements)
    {
        if (entry.Type.Size() == 0 || entry.Size != elements * entry.Type.Size())
            throw Damaged(entry);
        using Stream stream = open(string.Create(CultureInfo.InvariantCulture, $"{prefix}.data-{entry.Shard:D5}-of-{shards:D5}"));
        if (entry.Offset < 0 || entry.Offset > stream.Length - entry.Size)
            throw Damaged(entry);
        byte[] content = new byte[checked((int)entry.Size)];
        stream.Position = entry.Offset;
        stream.ReadExactly(content);
        return Masked(content) == entry.Checksum ? content : throw Damaged(entry);
    }

    private TransformException Damaged(BundleEntry entry) => new(StatusKind.FailedPrecondition, $"data file {entry.Shard} of the checkpoint '{prefix}' does not hold what the index says") { Suggestion = "Copy the checkpoint anew, with all its files." };

    /// <summary>The checksum as stored (tensorflow/core/lib/hash/crc32c.h): rotated, plus a constant.</summary>
    private static uint Masked(ReadOnlySpan<byte> content)
    {
        uint checksum = ~0u;
        foreach (byte value in content)
            checksum = BitOperations.Crc32C(checksum, value);
        return BitOperations.RotateRight(~checksum, 15) + 0xA282EAD8;
    }
}
