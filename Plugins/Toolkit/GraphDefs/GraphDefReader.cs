using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>Reads binary GraphDefs. Tensor contents and byte strings stay views of what is read.</summary>
public static class GraphDefReader
{
    /// <summary>Reads a graph from memory.</summary>
    /// <exception cref="ModelFormatException">The bytes are not a GraphDef; the message names the byte.</exception>
    public static Graph Read(ReadOnlyMemory<byte> bytes)
    {
        using var source = new BufferedFile(bytes, "graph");
        return Read(source, CancellationToken.None);
    }

    public static Graph Read(ModelSourceFile source, CancellationToken cancellation)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>();
        var libraries = new List<SourceField>();
        var versions = new FieldCollector();
        long versionsOrigin = -1;
        var unknown = new FieldCollector();
        foreach (SourceField field in SourceField.Walk(source, 0, source.Length))
        {
            cancellation.ThrowIfCancellationRequested();
            switch (field.Number, field.Type)
            {
                case (1, WireType.Bytes):
                    nodes.Add(NodeWire.Read(field.Message(source)));
                    break;
                case (2, WireType.Bytes):
                    libraries.Add(field);
                    break;
                case (4, WireType.Bytes):
                    versionsOrigin = versionsOrigin < 0 ? field.PayloadStart : versionsOrigin;
                    versions.Add(field.Payload(source));
                    break;
                default:
                    unknown.Add(field.Bytes(source));
                    break;
            }
        }
        return new(
            nodes.DrainToImmutable(),
            LibraryWire.Read(source, libraries),
            versionsOrigin < 0 ? null : VersionsWire.Read(new WireReader(versions.Bytes, versionsOrigin, depth: 1)),
            unknown.UnknownFields);
    }
}
