using System.Collections.Immutable;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.Checkpoints;

/// <summary>A checkpoint of version 1: one or more tables whose first entry lists the tensors and whose others hold slices of them (tensorflow/core/util/saved_tensor_slice.proto).</summary>
internal sealed class LegacyCheckpoint : Checkpoint
{
    private readonly Dictionary<string, Description> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReadOnlyMemory<byte>> slices = new(StringComparer.Ordinal);

    public LegacyCheckpoint(string prefix, ImmutableArray<ModelSourceFile> files, CancellationToken cancellation)
        : base(prefix)
    {
        foreach (ModelSourceFile file in files)
        {
            foreach (var (key, value) in SortedTable.Read(file, cancellation))
            {
                if (key.Length == 0)
                    ReadDescriptions(new WireReader(value));
                else
                    slices[key] = value;
            }
        }
    }

    public override IEnumerable<string> Names => tensors.Keys;

    public override bool Contains(string name) => tensors.ContainsKey(name);

    public override Tensor Read(string name, TensorSlice? slice)
    {
        Description tensor = tensors.GetValueOrDefault(name) ?? throw CheckpointErrors.Missing(name, Prefix);
        if (tensor.Slices.Length == 1 && slice is null && tensor.Slices[0].Within(tensor.Shape) is { } only && only.Lengths.SequenceEqual(tensor.Shape.Dimensions))
            return ReadSlice(name, tensor, tensor.Slices[0], tensor.Shape);
        TensorBox wanted = slice is null ? TensorBox.Whole(tensor.Shape) : Box(slice, name, tensor);
        int size = tensor.Type.Size();
        if (size == 0)
            throw new ModelFormatException($"the tensor '{name}' of the checkpoint '{Prefix}' has the element type {tensor.Type.Name()} and is stored or wanted in parts, which is not supported") { DiagnosticId = ToolkitDiagnostics.UnsupportedTensor.Id };
        if (wanted.Shape.ElementCount > tensor.Slices.Sum(part => slices.GetValueOrDefault(part.KeyIn(name)).Length * 8L))
            throw CheckpointErrors.Part($"the checkpoint '{Prefix}' does not hold all of '{name}'");
        byte[] elements = new byte[checked((int)(wanted.Shape.ElementCount * size))];
        long filled = 0;
        foreach (TensorSlice part in tensor.Slices)
        {
            TensorBox box = Box(part, name, tensor);
            if (wanted.Intersect(box) is not null)
                filled += wanted.CopyFrom(ReadSlice(name, tensor, part, box.Shape).Bytes.Span, box, elements, size);
        }
        return filled == wanted.Shape.ElementCount
            ? Tensor.FromContent(tensor.Type, wanted.Shape, elements)
            : throw CheckpointErrors.Part($"the checkpoint '{Prefix}' holds {filled} of the {wanted.Shape.ElementCount} elements of '{name}' that are wanted");
    }

    private TensorBox Box(TensorSlice slice, string name, Description tensor) => slice.Within(tensor.Shape)
        ?? throw CheckpointErrors.Part($"the tensor '{name}' of the checkpoint '{Prefix}' has the shape {tensor.Shape}, which does not hold the part that is wanted");

    /// <summary>The elements of a slice, which are a TensorProto without type and shape.</summary>
    private Tensor ReadSlice(string name, Description tensor, TensorSlice slice, TensorShape shape)
    {
        if (!slices.TryGetValue(slice.KeyIn(name), out ReadOnlyMemory<byte> record))
            throw CheckpointErrors.Part($"the checkpoint '{Prefix}' does not hold all of '{name}'");
        ReadOnlyMemory<byte> data = default;
        for (var reader = new WireReader(record); reader.Next();)
        {
            if (reader is { Field: 2, Type: WireType.Bytes })
                data = Elements(reader.Message());
            else
                reader.Skip();
        }
        byte[] typed = [0x08, (byte)tensor.Type, .. data.Span];
        Tensor stored = TensorReader.Read(new WireReader(typed));
        Tensor whole = tensor.Type == DataType.String ? Tensor.FromStrings(shape, stored.StoredStrings) : Tensor.FromValues(tensor.Type, shape, stored.StoredBytes);
        long count = tensor.Type == DataType.String ? stored.StoredStrings.Length : stored.StoredBytes.Length / Math.Max(tensor.Type.Size(), 1);
        return whole.IsDecodable && count == shape.ElementCount ? whole : throw CheckpointErrors.Data($"the checkpoint '{Prefix}' has {count} elements for '{name}' of shape {shape}");
    }

    private static ReadOnlyMemory<byte> Elements(WireReader slice)
    {
        ReadOnlyMemory<byte> data = default;
        while (slice.Next())
        {
            if (slice is { Field: 3, Type: WireType.Bytes })
                data = slice.Bytes();
            else
                slice.Skip();
        }
        return data;
    }

    private void ReadDescriptions(WireReader reader)
    {
        while (reader.Next())
        {
            if (reader is not { Field: 1, Type: WireType.Bytes })
            {
                reader.Skip();
                continue;
            }
            for (WireReader list = reader.Message(); list.Next();)
            {
                if (list is { Field: 1, Type: WireType.Bytes })
                    ReadDescription(list.Message());
                else
                    list.Skip();
            }
        }
    }

    private void ReadDescription(WireReader reader)
    {
        string name = "";
        TensorShape shape = TensorShape.Scalar;
        var type = DataType.Invalid;
        var parts = ImmutableArray.CreateBuilder<TensorSlice>();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes): name = reader.String(); break;
                case (2, WireType.Bytes): shape = BundleEntry.ShapeOf(reader.Message(), Prefix); break;
                case (3, WireType.Varint): type = (DataType)(int)reader.Varint(); break;
                case (4, WireType.Bytes): parts.Add(TensorSlice.Parse(reader.Message())); break;
                default: reader.Skip(); break;
            }
        }
        tensors[name] = tensors.TryGetValue(name, out Description? known) ? known with { Slices = [.. known.Slices, .. parts] } : new(type, shape, parts.ToImmutable());
    }

    private sealed record Description(DataType Type, TensorShape Shape, ImmutableArray<TensorSlice> Slices);
}
