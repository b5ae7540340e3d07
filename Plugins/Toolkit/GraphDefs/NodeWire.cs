using System.Collections.Immutable;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>TensorFlow's <c>NodeDef</c>.</summary>
public static class NodeWire
{
    public static Node Read(WireReader reader)
    {
        string name = "";
        string op = "";
        string device = "";
        var inputs = ImmutableArray.CreateBuilder<NodeInput>();
        var attributes = new List<KeyValuePair<string, AttributeValue>>();
        var unknown = new FieldCollector();
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, WireType.Bytes):
                    name = reader.String();
                    break;
                case (2, WireType.Bytes):
                    op = reader.String();
                    break;
                case (3, WireType.Bytes):
                    inputs.Add(new(reader.String()));
                    break;
                case (4, WireType.Bytes):
                    device = reader.String();
                    break;
                case (5, WireType.Bytes):
                    attributes.Add(AttributeWire.ReadEntry(reader.Message()));
                    break;
                default:
                    unknown.Add(reader.Skip());
                    break;
            }
        }
        return new(name, op, inputs.DrainToImmutable(), AttributeMap.Create(attributes), device) { UnknownFields = unknown.UnknownFields };
    }

    public static long Size(Node node)
    {
        long size = WireSize.String(1, node.Name) + WireSize.String(2, node.Op) + WireSize.String(4, node.Device)
            + AttributeWire.MapSize(5, node.Attributes) + node.UnknownFields.Bytes.Length;
        foreach (NodeInput input in node.Inputs)
            size += WireSize.Delimited(3, Encoding.UTF8.GetByteCount(input.Text));
        return size;
    }

    public static void Write(Node node, WireWriter writer)
    {
        writer.String(1, node.Name);
        writer.String(2, node.Op);
        foreach (NodeInput input in node.Inputs)
            writer.Text(3, input.Text);
        writer.String(4, node.Device);
        AttributeWire.WriteMap(5, node.Attributes, writer);
        writer.Raw(node.UnknownFields.Bytes);
    }
}
