using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Onnx.Model;

/// <summary>Reads a <c>TensorProto</c>, its elements from the message or from a file beside the model.</summary>
/// <param name="source">Where files of external data are; null when there are none.</param>
internal sealed class TensorDecoder(ModelSource? source)
{
    /// <summary>Largest number of elements of a sparse tensor that is filled in.</summary>
    private const long MostSparseElements = 1 << 24;

    public OnnxInitializer Decode(WireReader reader)
    {
        var fields = new Fields();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, _):
                    RepeatedFields.Integers(ref reader, fields.Dimensions);
                    break;
                case (2, WireType.Varint):
                    fields.ElementType = (long)reader.Varint();
                    break;
                case (4, _):
                    RepeatedFields.Floats(ref reader, fields.Floats);
                    break;
                case (5, _) or (7, _) or (11, _):
                    RepeatedFields.Integers(ref reader, fields.Integers);
                    break;
                case (6, WireType.Bytes):
                    fields.Strings.Add(reader.Bytes());
                    break;
                case (8, WireType.Bytes):
                    fields.Name = reader.String();
                    break;
                case (9, WireType.Bytes):
                    fields.Raw = reader.Bytes();
                    fields.HasRaw = true;
                    break;
                case (10, _):
                    RepeatedFields.Doubles(ref reader, fields.Doubles);
                    break;
                case (13, WireType.Bytes):
                    var (key, value) = reader.Message().TextEntry();
                    fields.External[key] = value;
                    break;
                case (14, WireType.Varint):
                    fields.IsExternal = reader.Varint() == 1;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return new(fields.Name, ToTensor(fields)) { Narrow = Float8.Of(fields.ElementType) };
    }

    /// <summary>Reads a <c>SparseTensorProto</c> and fills in its zeros.</summary>
    public OnnxInitializer DecodeSparse(WireReader reader)
    {
        OnnxInitializer? values = null;
        OnnxInitializer? indices = null;
        var dimensions = new List<long>();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    values = Decode(reader.Message());
                    break;
                case (2, WireType.Bytes):
                    indices = Decode(reader.Message());
                    break;
                case (3, _):
                    RepeatedFields.Integers(ref reader, dimensions);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        if (values is null || indices is not { Value.Type: DataType.Int64 })
            throw OnnxDiagnostics.Broken("a sparse tensor has no values or no 64-bit indices");
        return new(values.Name, Fill(values.Name, values.Value, indices.Value, Shape(values.Name, dimensions)));
    }

    private static Tensor Fill(string name, Tensor values, Tensor indices, TensorShape shape)
    {
        int size = values.Type.Size();
        if (size == 0 || !shape.TryCount(out long count) || count > MostSparseElements)
            throw OnnxDiagnostics.Broken($"the sparse tensor '{name}' of shape {shape} cannot be filled in");
        byte[] content = new byte[count * size];
        ReadOnlySpan<long> at = indices.AsSpan<long>();
        int depth = indices.Shape.Rank == 2 ? shape.Rank : 1;
        if (at.Length != values.ElementCount * depth)
            throw OnnxDiagnostics.Broken($"the sparse tensor '{name}' has {values.ElementCount} values and indices of shape {indices.Shape}");
        for (int i = 0; i < values.ElementCount; i++)
        {
            long place = depth == 1 ? at[i] : 0;
            for (int axis = 0; depth > 1 && axis < depth; axis++)
                place = (ulong)at[(i * depth) + axis] < (ulong)shape[axis] ? (place * shape[axis]) + at[(i * depth) + axis] : -1;
            if ((ulong)place >= (ulong)count)
                throw OnnxDiagnostics.Broken($"the sparse tensor '{name}' of shape {shape} has an index outside of it");
            values.Bytes.Span.Slice(i * size, size).CopyTo(content.AsSpan((int)(place * size)));
        }
        return Tensor.FromContent(values.Type, shape, content);
    }

    private static TensorShape Shape(string name, List<long> dimensions) =>
        dimensions.TrueForAll(dimension => dimension >= 0) ? TensorShape.Of([.. dimensions]) : throw OnnxDiagnostics.Broken($"the tensor '{name}' has a negative dimension");

    private Tensor ToTensor(Fields fields)
    {
        TensorShape shape = Shape(fields.Name, fields.Dimensions);
        DataType type = ElementTypes.ToDataType(fields.ElementType);
        if (type == DataType.Invalid)
            throw new ModelFormatException($"the tensor '{fields.Name}' has elements of type {ElementTypes.Name(fields.ElementType)}, which graphs do not have")
            { DiagnosticId = OnnxDiagnostics.Declined.Id, Suggestion = "Export the model with elements of type float, float16 or 8-bit integers." };
        if (!shape.TryCount(out long count))
            throw OnnxDiagnostics.Broken($"the tensor '{fields.Name}' of shape {shape} has too many elements");
        if (type == DataType.String)
            return fields.Strings.Count == count ? Tensor.FromStrings(shape, [.. fields.Strings]) : throw Mismatch(fields, shape, fields.Strings.Count);
        ReadOnlyMemory<byte> content = fields.IsExternal ? External(fields) : fields.HasRaw ? fields.Raw : FromLists(fields, type);
        if (ElementTypes.IsPacked(fields.ElementType))
            content = Unpack(fields, content, count, shape);
        if (Float8.Of(fields.ElementType) is { } narrow)
            return content.Length == count ? Tensor.Create<float>(type, shape, narrow.Decode(content.Span)) : throw Mismatch(fields, shape, content.Length);
        int size = type.Size();
        return content.Length % size == 0 && content.Length / size == count
            ? Tensor.FromContent(type, shape, content)
            : throw Mismatch(fields, shape, content.Length / size);
    }

    private static ModelFormatException Mismatch(Fields fields, TensorShape shape, long count) =>
        OnnxDiagnostics.Broken($"the tensor '{fields.Name}' of shape {shape} and type {ElementTypes.Name(fields.ElementType)} holds {count} elements");

    private static byte[] Unpack(Fields fields, ReadOnlyMemory<byte> packed, long count, TensorShape shape)
    {
        if (packed.Length != (count + 1) / 2)
            throw Mismatch(fields, shape, 2L * packed.Length);
        byte[] bytes = new byte[count];
        bool isSigned = ElementTypes.IsSignedPacked(fields.ElementType);
        for (int i = 0; i < bytes.Length; i++)
        {
            int nibble = (packed.Span[i / 2] >> (4 * (i % 2))) & 15;
            bytes[i] = (byte)(isSigned && nibble > 7 ? nibble - 16 : nibble);
        }
        return bytes;
    }

    /// <summary>The elements as raw bytes, from the typed fields. Types narrower than 32 bits are in the list of 32-bit integers.</summary>
    private static byte[] FromLists(Fields fields, DataType type) => type switch
    {
        _ when Float8.Of(fields.ElementType) is not null => Narrow(fields.Integers, 1),
        DataType.Float or DataType.Complex64 => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(fields.Floats)).ToArray(),
        DataType.Double or DataType.Complex128 => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(fields.Doubles)).ToArray(),
        _ when ElementTypes.IsPacked(fields.ElementType) => Narrow(fields.Integers, 1),
        _ => Narrow(fields.Integers, type.Size()),
    };

    private static byte[] Narrow(List<long> values, int size)
    {
        byte[] bytes = new byte[(long)values.Count * size];
        Span<byte> wide = stackalloc byte[sizeof(long)];
        for (int i = 0; i < values.Count; i++)
        {
            long value = values[i];
            MemoryMarshal.Write(wide, in value);
            wide[..size].CopyTo(bytes.AsSpan(i * size));
        }
        return bytes;
    }

    private ReadOnlyMemory<byte> External(Fields fields)
    {
        string location = fields.External.GetValueOrDefault("location", "");
        if (location.StartsWith("./", StringComparison.Ordinal))
            location = location[2..];
        ModelSourceFile? file;
        try
        {
            file = location.Length == 0 ? null : source?.Find(location);
        }
        catch (ModelFormatException error)
        {
            throw new ModelFormatException($"the tensor '{fields.Name}' has its elements in '{location}': {error.Message}", error) { DiagnosticId = OnnxDiagnostics.ExternalData.Id, Suggestion = error.Suggestion };
        }
        if (file is null)
            throw Unreadable($"'{location}', which does not exist beside the model", "Put that file beside the model.");
        long offset = Number(fields, "offset", 0);
        long length = Number(fields, "length", file.Length - offset);
        if (offset < 0 || length < 0 || offset > file.Length || length > file.Length - offset)
            throw Unreadable($"'{location}' at byte {offset}, {length} bytes, but that file has {file.Length} bytes", "Copy the file again; it is cut short or belongs to another model.");
        return length <= Array.MaxLength ? file.Slice(offset, (int)length) : throw Unreadable($"'{location}', {length} bytes, more than one tensor can have", "Split the tensor.");

        ModelFormatException Unreadable(string where, string suggestion) =>
            new($"the tensor '{fields.Name}' has its elements in {where}") { DiagnosticId = OnnxDiagnostics.ExternalData.Id, Suggestion = suggestion };
    }

    private static long Number(Fields fields, string key, long otherwise)
    {
        if (!fields.External.TryGetValue(key, out string? text))
            return otherwise;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw OnnxDiagnostics.Broken($"the tensor '{fields.Name}' has the external {key} '{text}', which is not a number");
    }

    private sealed class Fields
    {
        public string Name { get; set; } = "";

        public long ElementType { get; set; }

        public List<long> Dimensions { get; } = [];

        public List<float> Floats { get; } = [];

        public List<double> Doubles { get; } = [];

        public List<long> Integers { get; } = [];

        public List<ReadOnlyMemory<byte>> Strings { get; } = [];

        public ReadOnlyMemory<byte> Raw { get; set; }

        public bool HasRaw { get; set; }

        public bool IsExternal { get; set; }

        public Dictionary<string, string> External { get; } = new(StringComparer.Ordinal);
    }
}
