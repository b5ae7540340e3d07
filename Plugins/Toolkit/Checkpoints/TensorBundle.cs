using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.Checkpoints;

/// <summary>A checkpoint of version 2: <c>PREFIX.index</c> says where in <c>PREFIX.data-00000-of-00001</c> and its like each tensor is (tensorflow/core/util/tensor_bundle).</summary>
internal sealed class TensorBundle : Checkpoint
{
    private const int BigEndian = 1;

    /// <summary>Bytes that a checksum takes at a time.</summary>
    private const int ChecksumBytes = 1 << 22;

    private readonly ModelSource source;
    private readonly string file;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> entries;
    private readonly int shards = 1;
    private readonly HashSet<BundleEntry> verified = [];
    private readonly HashSet<string> complete = new(StringComparer.Ordinal);

    public TensorBundle(ModelSource source, string prefix, ModelSourceFile index, CancellationToken cancellation)
        : base(prefix)
    {
        this.source = source;
        file = prefix + ".index";
        entries = SortedTable.Read(index, cancellation);
        var header = new WireReader(entries.GetValueOrDefault(""));
        while (header.Next())
        {
            if (header is { Field: 1, Type: WireType.Varint })
                shards = (int)header.Varint();
            else if (header is not { Field: 2, Type: WireType.Varint })
                header.Skip();
            else if (header.Varint() == BigEndian)
                throw Unsupported($"the checkpoint '{prefix}' is of a machine of the other byte order");
        }
    }

    public override IEnumerable<string> Names => entries.Keys.Where(key => key.Length > 0 && key[0] != 0).Select(key => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(key)));

    public override bool Contains(string name) => entries.ContainsKey(Key(name));

    public override Tensor Read(string name, TensorSlice? slice)
    {
        BundleEntry whole = EntryOf(Key(name), name);
        if (whole.Type != DataType.String && whole.Type.Size() == 0)
            throw Unsupported($"the tensor '{name}' of the checkpoint '{Prefix}' has the element type {whole.Type.Name()}{NewerType(whole.Type)}, which is not supported");
        if (slice is null && whole.Slices.IsEmpty)
            return whole.Type == DataType.String ? Strings(name, whole) : Tensor.FromContent(whole.Type, whole.Shape, Content(name, whole, whole.Shape));
        if (whole.Type == DataType.String)
            throw Unsupported($"the tensor '{name}' of the checkpoint '{Prefix}' holds strings and is stored or wanted in parts, which is not supported");
        TensorBox wanted = slice is null ? TensorBox.Whole(whole.Shape) : BoxOf(slice, name, whole);
        return Tensor.FromContent(whole.Type, wanted.Shape, Assemble(name, whole, wanted));
    }

    private byte[] Assemble(string name, BundleEntry whole, TensorBox wanted)
    {
        long count = wanted.Shape.ElementCount;
        if (count > Array.MaxLength / whole.Type.Size())
            throw Unsupported($"the tensor '{name}' of the checkpoint '{Prefix}' has {count} elements; one tensor of a graph holds at most 2 GiB");
        long stored = Parts(name, whole).Sum(part => Math.Min(part.Entry.Size, source.Find(ShardName(part.Entry))?.Length ?? int.MaxValue));
        if (count * whole.Type.Size() > stored)
            throw Incomplete(name, stored / whole.Type.Size(), count);
        byte[] elements = new byte[count * whole.Type.Size()];
        long filled = 0;
        foreach (var (entry, box) in Parts(name, whole))
        {
            if (count > 0 && (wanted.Lengths.IsEmpty || wanted.Intersect(box) is not null))
                filled += wanted.CopyFrom(Content(name, entry, box.Shape).Span, box, elements, whole.Type.Size());
        }
        return filled == count ? elements : throw Incomplete(name, filled, count);
    }

    private IEnumerable<(BundleEntry Entry, TensorBox Box)> Parts(string name, BundleEntry whole)
    {
        if (whole.Slices.IsEmpty)
            return [(whole, TensorBox.Whole(whole.Shape))];
        return whole.Slices.Select(slice => (PartOf(slice, name, whole), BoxOf(slice, name, whole)));
    }

    private BundleEntry PartOf(TensorSlice slice, string name, BundleEntry whole)
    {
        BundleEntry part = EntryOf(slice.KeyIn(name), name);
        return part.Type == whole.Type ? part : throw CheckpointErrors.Index(file, $"a part of the tensor '{name}' is {part.Type.Name()}, the whole {whole.Type.Name()}");
    }

    private TensorBox BoxOf(TensorSlice slice, string name, BundleEntry whole) => slice.Within(whole.Shape)
        ?? throw CheckpointErrors.Part($"the tensor '{name}' of the checkpoint '{Prefix}' has the shape {whole.Shape}, which does not hold the part that is wanted");

    private BundleEntry EntryOf(string key, string name) => entries.TryGetValue(key, out ReadOnlyMemory<byte> message)
        ? BundleEntry.Parse(message, file)
        : throw CheckpointErrors.Missing(name, Prefix);

    private ReadOnlyMemory<byte> Content(string name, BundleEntry entry, TensorShape shape)
    {
        if (!shape.TryCount(out long count) || count > long.MaxValue / 16 || entry.Size != count * entry.Type.Size())
            throw CheckpointErrors.Index(file, $"the tensor '{name}' of type {entry.Type.Name()} and shape {shape} has {entry.Size} bytes");
        ReadOnlyMemory<byte> content = Stored(name, entry);
        if (!verified.Contains(entry) && Crc32C.Mask(Checksum(content)) != entry.Checksum)
            throw WrongChecksum(name, entry);
        verified.Add(entry);
        return content;
    }

    /// <summary>The checksum of a tensor, whose pages need not stay in memory: it may never be read again, or be written elsewhere piece by piece.</summary>
    private static uint Checksum(ReadOnlyMemory<byte> content)
    {
        uint checksum = 0;
        while (!content.IsEmpty)
        {
            ReadOnlyMemory<byte> piece = content[..Math.Min(ChecksumBytes, content.Length)];
            checksum = Crc32C.Append(checksum, piece.Span);
            MappedPages.Release(piece);
            content = content[piece.Length..];
        }
        return checksum;
    }

    /// <summary>Lengths as numbers of seven bits a byte, the checksum of the lengths as numbers of 32 bits, the bytes one after the other.</summary>
    private Tensor Strings(string name, BundleEntry entry)
    {
        ReadOnlyMemory<byte> content = Stored(name, entry);
        long count = entry.Shape.ElementCount;
        if (count > content.Length)
            throw WrongChecksum(name, entry);
        int[] lengths = new int[count];
        var reader = new WireReader(content);
        uint checksum = 0;
        Span<byte> number = stackalloc byte[sizeof(uint)];
        for (int i = 0; i < lengths.Length; i++)
        {
            ulong length = reader.Varint();
            lengths[i] = length <= (ulong)content.Length ? (int)length : throw WrongChecksum(name, entry);
            BinaryPrimitives.WriteInt32LittleEndian(number, lengths[i]);
            checksum = Crc32C.Append(checksum, number);
        }
        if (reader.Remaining < sizeof(uint) || reader.Fixed32() != Crc32C.Mask(checksum))
            throw WrongChecksum(name, entry);
        BinaryPrimitives.WriteUInt32LittleEndian(number, Crc32C.Mask(checksum));
        ReadOnlyMemory<byte> text = content[^reader.Remaining..];
        if (Crc32C.Mask(Crc32C.Append(Crc32C.Append(checksum, number), text.Span)) != entry.Checksum)
            throw WrongChecksum(name, entry);
        var strings = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(lengths.Length);
        foreach (int length in lengths)
        {
            if (length > text.Length)
                throw WrongChecksum(name, entry);
            strings.Add(text[..length]);
            text = text[length..];
        }
        return Tensor.FromStrings(entry.Shape, strings.MoveToImmutable());
    }

    private ReadOnlyMemory<byte> Stored(string name, BundleEntry entry)
    {
        if (entry.Size == 0)
            return default;
        string shard = ShardName(entry);
        ModelSourceFile data = source.Find(shard) ?? throw CheckpointErrors.Data($"there is no file '{shard}', which holds the variable '{name}'");
        if (entry.Size > int.MaxValue)
            throw Unsupported($"the tensor '{name}' in '{shard}' has {entry.Size} bytes; one tensor of a graph holds at most 2 GiB");
        if (complete.Add(shard))
            CheckLength(shard, entry.Shard, data.Length);
        return data.Slice(entry.Offset, (int)entry.Size);
    }

    /// <summary>A data file that is cut short is refused even where what is wanted of it is there.</summary>
    private void CheckLength(string shard, int number, long length)
    {
        foreach (var (key, message) in entries)
        {
            if (key.Length == 0)
                continue;
            BundleEntry entry = BundleEntry.Parse(message, file);
            if (entry.Shard == number && entry.Slices.IsEmpty && entry.Offset > length - entry.Size)
                throw CheckpointErrors.Data($"'{shard}' is cut short: it has {length} bytes, the variable '{Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(key))}' has {entry.Size} from byte {entry.Offset} on");
        }
    }

    private string ShardName(BundleEntry entry) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}.data-{entry.Shard:D5}-of-{shards:D5}");

    private ModelFormatException WrongChecksum(string name, BundleEntry entry) =>
        CheckpointErrors.Data($"'{ShardName(entry)}' is damaged: the bytes of the variable '{name}' do not have the checksum that '{file}' has for them");

    private ModelFormatException Incomplete(string name, long found, long wanted) =>
        CheckpointErrors.Part($"the checkpoint '{Prefix}' holds {found} of the {wanted} elements of '{name}' that are wanted");

    private static ModelFormatException Unsupported(string message) => new(message) { DiagnosticId = ToolkitDiagnostics.UnsupportedTensor.Id };

    /// <summary>Names of types that releases after 2.12 added.</summary>
    private static string NewerType(DataType type) => (int)type switch
    {
        24 => " (float8_e5m2)",
        25 => " (float8_e4m3fn)",
        26 => " (float8_e4m3fnuz)",
        27 => " (float8_e4m3b11fnuz)",
        28 => " (float8_e5m2fnuz)",
        29 => " (int4)",
        30 => " (uint4)",
        31 => " (int2)",
        32 => " (uint2)",
        _ => "",
    };

    private static string Key(string name) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(name));
}
