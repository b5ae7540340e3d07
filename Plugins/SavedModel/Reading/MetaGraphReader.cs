using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.SavedModel.Reading;

/// <summary>Reads messages <c>SavedModel</c> and <c>MetaGraphDef</c>; only the graph that is chosen is decoded.</summary>
internal static class MetaGraphReader
{
    /// <summary>The messages of the meta graphs of a SavedModel.</summary>
    public static ImmutableArray<ReadOnlyMemory<byte>> MetaGraphs(ReadOnlyMemory<byte> savedModel)
    {
        var found = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        var reader = new WireReader(savedModel);
        while (reader.Next())
        {
            if (reader is { Field: 2, Type: WireType.Bytes })
                found.Add(reader.Bytes());
            else
                reader.Skip();
        }
        return found.ToImmutable();
    }

    /// <summary>The tags of a meta graph.</summary>
    public static ImmutableArray<string> Tags(ReadOnlyMemory<byte> metaGraph)
    {
        ImmutableArray<string> tags = [];
        var reader = new WireReader(metaGraph);
        while (reader.Next())
        {
            if (reader is { Field: 1, Type: WireType.Bytes })
                tags = ReadInfo(reader.Message()).Tags;
            else
                reader.Skip();
        }
        return tags;
    }

    /// <summary>Reads a meta graph. Tensors are views of the bytes.</summary>
    /// <exception cref="ModelFormatException">The message is malformed.</exception>
    public static MetaGraph Read(ReadOnlyMemory<byte> metaGraph)
    {
        var (tags, version) = (ImmutableArray<string>.Empty, "");
        Graph graph = Graph.Empty;
        string restoreOp = "";
        var signatures = ImmutableArray.CreateBuilder<StoredSignature>();
        var collections = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        var assets = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var reader = new WireReader(metaGraph);
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    (tags, version) = ReadInfo(reader.Message());
                    break;
                case (2, WireType.Bytes):
                    graph = GraphDefReader.Read(reader.Bytes());
                    break;
                case (3, WireType.Bytes):
                    restoreOp = Texts(reader.Message(), 3).LastOrDefault("");
                    break;
                case (4, WireType.Bytes):
                    var (name, list) = Entry(reader.Message());
                    collections[name] = NodeList(list);
                    break;
                case (5, WireType.Bytes):
                    var (signature, definition) = Entry(reader.Message());
                    signatures.Add(ReadSignature(signature, new WireReader(definition)));
                    break;
                case (6, WireType.Bytes):
                    var (tensor, file) = ReadAsset(reader.Message());
                    assets[new NodeInput(tensor).Canonical] = file;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return new(graph)
        {
            Tags = tags,
            TensorFlowVersion = version,
            RestoreOp = restoreOp,
            Signatures = signatures.ToImmutable(),
            Collections = collections.ToImmutable(),
            Assets = assets.ToImmutable(),
        };
    }

    private static (ImmutableArray<string> Tags, string Version) ReadInfo(WireReader reader)
    {
        var tags = ImmutableArray.CreateBuilder<string>();
        string version = "";
        while (reader.Next())
        {
            if (reader is { Field: 4, Type: WireType.Bytes })
                tags.Add(reader.String());
            else if (reader is { Field: 5, Type: WireType.Bytes })
                version = reader.String();
            else
                reader.Skip();
        }
        return (tags.ToImmutable(), version);
    }

    private static StoredSignature ReadSignature(string name, WireReader reader)
    {
        var inputs = ImmutableArray.CreateBuilder<StoredTensor>();
        var outputs = ImmutableArray.CreateBuilder<StoredTensor>();
        var defaults = ImmutableDictionary.CreateBuilder<string, Tensor>(StringComparer.Ordinal);
        string method = "";
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    inputs.AddRange(ReadTensors(Entry(reader.Message())));
                    break;
                case (2, WireType.Bytes):
                    outputs.AddRange(ReadTensors(Entry(reader.Message())));
                    break;
                case (3, WireType.Bytes):
                    method = reader.String();
                    break;
                case (4, WireType.Bytes):
                    var (input, value) = Entry(reader.Message());
                    defaults[input] = TensorReader.Read(new WireReader(value));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return new(name, method, inputs.ToImmutable(), outputs.ToImmutable()) { Defaults = defaults.ToImmutable() };
    }

    private static IEnumerable<StoredTensor> ReadTensors((string Name, ReadOnlyMemory<byte> Message) entry)
    {
        string tensor = "";
        var type = DataType.Invalid;
        TensorShape shape = TensorShape.Unknown;
        var reader = new WireReader(entry.Message);
        IEnumerable<StoredTensor>? parts = null;
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    tensor = reader.String();
                    break;
                case (2, WireType.Varint):
                    type = (DataType)(int)reader.Varint();
                    break;
                case (3, WireType.Bytes):
                    shape = ShapeWire.Read(reader.Message());
                    break;
                case (4, WireType.Bytes):
                    parts = SparseParts(entry.Name, reader.Message());
                    break;
                case (5, WireType.Bytes):
                    parts = CompositeParts(entry.Name, reader.Message());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return parts is null ? [new(entry.Name, tensor, type, shape)] : parts.Select(part => part.Name.EndsWith(".values", StringComparison.Ordinal) ? part with { Type = type } : part);
    }

    private static List<StoredTensor> SparseParts(string name, WireReader reader)
    {
        var parts = new List<StoredTensor>();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    parts.Add(new(name + ".values", reader.String(), DataType.Invalid, TensorShape.Of(-1)));
                    break;
                case (2, WireType.Bytes):
                    parts.Add(new(name + ".indices", reader.String(), DataType.Int64, TensorShape.Of(-1, -1)));
                    break;
                case (3, WireType.Bytes):
                    parts.Add(new(name + ".dense_shape", reader.String(), DataType.Int64, TensorShape.Of(-1)));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return parts;
    }

    private static List<StoredTensor> CompositeParts(string name, WireReader reader)
    {
        var parts = new List<StoredTensor>();
        while (reader.Next())
        {
            if (reader is { Field: 2, Type: WireType.Bytes })
                parts.AddRange(ReadTensors(($"{name}.{parts.Count}", reader.Bytes())));
            else
                reader.Skip();
        }
        return parts;
    }

    private static ImmutableArray<string> NodeList(ReadOnlyMemory<byte> collection)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        var reader = new WireReader(collection);
        while (reader.Next())
        {
            if (reader is { Field: 1, Type: WireType.Bytes })
                names.AddRange(Texts(reader.Message(), 1));
            else
                reader.Skip();
        }
        return names.ToImmutable();
    }

    private static (string Tensor, string File) ReadAsset(WireReader reader)
    {
        string tensor = "";
        string file = "";
        while (reader.Next())
        {
            if (reader is { Field: 1, Type: WireType.Bytes })
                tensor = Texts(reader.Message(), 1).LastOrDefault("");
            else if (reader is { Field: 2, Type: WireType.Bytes })
                file = reader.String();
            else
                reader.Skip();
        }
        return (tensor, file);
    }

    private static (string Name, ReadOnlyMemory<byte> Value) Entry(WireReader reader)
    {
        string name = "";
        ReadOnlyMemory<byte> value = default;
        while (reader.Next())
        {
            if (reader is { Field: 1, Type: WireType.Bytes })
                name = reader.String();
            else if (reader is { Field: 2, Type: WireType.Bytes })
                value = reader.Bytes();
            else
                reader.Skip();
        }
        return (name, value);
    }

    private static List<string> Texts(WireReader reader, int field)
    {
        var texts = new List<string>();
        while (reader.Next())
        {
            if (reader.Field == field && reader.Type == WireType.Bytes)
                texts.Add(reader.String());
            else
                reader.Skip();
        }
        return texts;
    }
}
