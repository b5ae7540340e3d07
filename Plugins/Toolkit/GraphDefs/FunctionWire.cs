using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>TensorFlow's <c>FunctionDef</c>.</summary>
public static class FunctionWire
{
    public static FunctionDefinition Read(WireReader reader)
    {
        var signature = new FieldCollector();
        long signatureOrigin = reader.Offset;
        var nodes = ImmutableArray.CreateBuilder<Node>();
        var returns = StringMapWire.CreateBuilder();
        var controlReturns = StringMapWire.CreateBuilder();
        var attributes = new List<KeyValuePair<string, AttributeValue>>();
        var unknown = new FieldCollector();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    ReadOnlyMemory<byte> piece = reader.Bytes();
                    signatureOrigin = signature.IsEmpty ? reader.Offset - piece.Length : signatureOrigin;
                    signature.Add(piece);
                    break;
                case (3, WireType.Bytes):
                    nodes.Add(NodeWire.Read(reader.Message()));
                    break;
                case (4, WireType.Bytes):
                    StringMapWire.ReadEntry(reader.Message(), returns);
                    break;
                case (5, WireType.Bytes):
                    attributes.Add(AttributeWire.ReadEntry(reader.Message()));
                    break;
                case (6, WireType.Bytes):
                    StringMapWire.ReadEntry(reader.Message(), controlReturns);
                    break;
                default:
                    unknown.Add(reader.Skip());
                    break;
            }
        }
        OpDefinition op = OpDefinitionWire.Read(reader.Nested(signature.Bytes, signatureOrigin));
        return new(op, nodes.DrainToImmutable(), returns.ToImmutable())
        {
            ControlReturns = controlReturns.ToImmutable(),
            Attributes = AttributeMap.Create(attributes),
            UnknownFields = unknown.UnknownFields,
        };
    }

    public static long Size(FunctionDefinition function) =>
        WireSize.Delimited(1, OpDefinitionWire.Size(function.Signature))
        + function.Nodes.Sum(node => WireSize.Delimited(3, NodeWire.Size(node)))
        + StringMapWire.Size(4, function.Returns)
        + AttributeWire.MapSize(5, function.Attributes)
        + StringMapWire.Size(6, function.ControlReturns)
        + function.UnknownFields.Bytes.Length;

    public static void Write(FunctionDefinition function, WireWriter writer)
    {
        writer.Delimiter(1, OpDefinitionWire.Size(function.Signature));
        OpDefinitionWire.Write(function.Signature, writer);
        foreach (Node node in function.Nodes)
        {
            writer.Delimiter(3, NodeWire.Size(node));
            NodeWire.Write(node, writer);
        }
        StringMapWire.Write(4, function.Returns, writer);
        AttributeWire.WriteMap(5, function.Attributes, writer);
        StringMapWire.Write(6, function.ControlReturns, writer);
        writer.Raw(function.UnknownFields.Bytes);
    }
}
